"""Insiders who would act alone by what came later: awards of earlier years, what the board is sent, tokens and sessions."""

import httpx2
import pytest

from api.auth.scopes import TokenScope
from tests.faults.test_insiders import PIN, REFUSED, address, decision, entries, filled
from tests.integration.test_recipient_links import Sent

pytestmark = pytest.mark.one_database

AWARD = {
    "nominee": "Văn phòng Sở",
    "kind": "collective",
    "department": "van-phong",
    "award": "giay_khen",
    "commendation": "regular",
    "number": "9/QĐ-SNgV",
    "decided_on": "2020-12-20",
}
AWARDS = {"awards": [AWARD]}
OWN = {"awards": [{**AWARD, "kind": "individual", "nominee": "x", "email": address("officer")}]}
GONE = {"reason": "Nhầm"}
CONFIRM = {"pin": PIN}


@pytest.fixture(scope="module")
def world(running):
    """An imported award, one that waits, what the board was sent, and tokens of three people."""

    def post(by, path, body):
        answer = running.client(address(by)).post(path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def token(person, *scopes):
        return running.token(address(person), scopes=frozenset(scopes))

    waits = post("officer", "/past-awards", AWARDS)["proposal"]["id"]
    post("director", f"/proposals/{waits}/confirm", CONFIRM)
    (award,) = running.client(address("officer")).get("/past-awards").json()["data"]
    more = {"awards": [{**AWARD, "number": "10/QĐ-SNgV"}]}
    sent = Sent(running)
    directors, directors_secret = token("director")
    with running.signed_in(address("director")) as browser:
        (session, *_) = browser.get("/api/v1/me/sessions").json()["data"]
    return {
        "award": award["id"],
        "waiting": post("officer", "/past-awards", more)["proposal"]["id"],
        "sent": sent.code,
        "drafted": running.draft()["code"],
        "reviewed": running.item_in("office_reviewed")["code"],
        "answer": sent.answer,
        "fetch": sent.fetch,
        "token": directors,
        "session": session["id"],
        "of director": directors_secret,
        "reading": token("officer", TokenScope.READ)[1],
        "own account": token("officer", TokenScope.ACCOUNT)[1],
    }


ALONE = [
    # awards of earlier years: brought in, confirmed and withdrawn by whom they are not for
    *((who, "/past-awards", AWARDS) for who in ("staff.htqt", "head.htqt", "clerk")),
    *((who, "/past-awards", AWARDS) for who in ("auditor", "admin", "director")),
    ("officer", "/past-awards", OWN),
    ("officer", "/proposals/{waiting}/confirm", CONFIRM),
    ("chief", "/proposals/{waiting}/confirm", CONFIRM),
    ("admin", "/proposals/{waiting}/confirm", CONFIRM),
    ("director", "/proposals/{waiting}/confirm", {"pin": "000000"}),
    ("director", "/proposals/{waiting}/confirm", {}),
    ("officer", "/past-awards/{award}/withdraw", GONE),
    *((who, "/past-awards/{award}/withdraw", GONE) for who in ("head.htqt", "clerk", "auditor")),
    # what the board was sent, and the outcome that is the board's to say
    *(
        decision(who, "sent", "record_award")
        for who in ("officer", "head.htqt", "auditor", "admin", "director")
    ),
    # an access that is another's
    ("admin", "/me/tokens/{token}/end", None),
    ("chief", "/me/tokens/{token}/end", None),
    ("admin", "/me/sessions/{session}/end", None),
    ("officer", "/me/sessions/{session}/end", None),
]
BY_TOKEN = [
    ("reading", "/past-awards", AWARDS),
    ("reading", "/proposals/{waiting}/confirm", CONFIRM),
    ("reading", "/me/tokens/{token}/end", None),
    ("own account", "/past-awards/{award}/withdraw", GONE),
    ("own account", "/items/{drafted}/transitions", {"transition": "submit", "version": 1}),
    ("of director", "/proposals/{waiting}/confirm", {}),
    ("of director", "/items/{reviewed}/transitions", {"transition": "sign_director", "version": 4}),
]


def refused(running, ask):
    """Ask; nothing is written but, where it waits for a second person, what was proposed."""
    before = entries(running)
    answer = ask()
    assert answer.status_code in REFUSED, answer.text
    proposed = {"proposal"} if answer.status_code == 202 else set()
    assert set(entries(running)[len(before) :]) <= proposed


@pytest.mark.parametrize(("who", "path", "body"), ALONE)
def test_what_came_later_is_done_by_nobody_alone(running, world, who, path, body):
    client, said = running.client(address(who)), filled(body, world)
    if said and "transition" in said:
        item = running.client(address("auditor")).get(f"/items/{world['sent']}").json()
        said["version"] = item["version"]
    refused(running, lambda: client.post(path.format_map(world), json=said))


@pytest.mark.parametrize(("token", "path", "body"), BY_TOKEN)
def test_a_token_does_no_more_than_it_was_made_for(running, world, token, path, body):
    """And nothing that asks for a factor, whoever made it."""
    headers = {"Authorization": f"Bearer {world[token]}"}
    address_of = running.base_url + "/api/v1" + path.format_map(world)
    refused(running, lambda: httpx2.post(address_of, json=body, headers=headers))


@pytest.mark.parametrize("link", ["answer", "fetch"])
def test_a_link_of_the_board_answers_no_other_item_and_is_not_guessed(running, world, link):
    last = world[link][-2]
    forged = world[link][:-2] + ("A" if last != "A" else "B") + world[link][-1]
    other = {"item": f"{world['drafted']}@1", "decision": "acknowledge"}
    own = {"item": f"{world['sent']}@6", "decision": "acknowledge"}
    before = entries(running)
    for path, said in ((forged, own), (world["answer"], other)):
        answer = httpx2.post(path, data=said)
        assert answer.status_code in {*REFUSED, 410}, answer.text
    httpx2.post(world["fetch"], data=own)  # shows what it is for
    assert entries(running) == before
