"""Contested decisions: two approvers, double clicks, a link beside a page; nothing is decided twice, nothing lost, nobody sees a 5xx."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx2

HEAD, DEPUTY = "head.htqt@so.example", "deputy.htqt@so.example"


def test_contested_decisions_are_decided_once(running, is_long):
    count = 10_000 if is_long else 80
    contenders = 4
    items = [running.item_in("submitted") for _ in range(count // contenders)]
    for email in (HEAD, DEPUTY, "auditor@so.example"):
        running.client(email)
    opened = ExitStack()
    pages = {email: opened.enter_context(running.signed_in(email)) for email in (HEAD, DEPUTY)}
    links = {item["code"]: running.link_for(item["code"], HEAD) for item in items[:20]}

    def by_api(code, email, decision):
        body = {"transition": decision, "version": 2, "comment": "Lý do"}
        return running.client(email).post(f"/items/{code}/transitions", json=body).status_code

    def by_page(code, email, decision):
        answer = pages[email].post(
            f"/items/{code}/decide/{decision}",
            data={"version": "2", "comment": "Lý do"},
            follow_redirects=False,
        )
        return 200 if answer.status_code == 303 else answer.status_code

    def by_link(code, _email, decision):
        link = links.get(code)
        if link is None:
            return by_api(code, HEAD, decision)
        return httpx2.post(
            link, data={"decision": decision, "version": "2", "comment": "Lý do"}, timeout=60
        ).status_code

    chance = random.Random(7)  # noqa: S311 - a seeded choice of contenders
    work = [
        (
            chance.choice((by_api, by_page, by_link)),
            item["code"],
            chance.choice((HEAD, DEPUTY)),
            chance.choice(("approve_department", "return", "reject")),
        )
        for item in items
        for _ in range(contenders)
    ]
    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda each: each[0](*each[1:]), work))
    opened.close()
    assert {each for each in statuses if each not in {200, 403, 404, 409}} == set()
    for item in items:
        entries = (
            running.client("auditor@so.example")
            .get(f"/items/{item['code']}/history")
            .json()["data"]
        )
        assert len(entries) == 3, entries
        now = running.client("auditor@so.example").get(f"/items/{item['code']}").json()
        assert (now["version"], now["state"]) == (3, entries[-1]["to"])
    decided = len(items)
    assert statuses.count(200) >= decided
