"""A stand-in from another department sees what they hold, decides on it, and sees nothing else there."""

import pytest

pytestmark = pytest.mark.one_database

HEAD, OTHER, LET = "head.htqt@so.example", "head.ls@so.example", "Trưởng phòng Lãnh sự"


def test_a_stand_in_from_another_department_decides_on_what_they_hold_and_sees_nothing_else(
    running,
):
    drafted = running.draft()
    assert running.client(OTHER).get(f"/items/{drafted['code']}").status_code == 404
    terms = {
        "from": HEAD,
        "to": OTHER,
        "starts_on": "2022-05-04",
        "ends_on": "2022-12-31",
        "document": "12/QĐ-SNgV",
        "pin": "246810",
    }
    assert running.client(HEAD).post("/delegations", json=terms).status_code == 201
    with running.signed_in("auditor@so.example") as auditor:
        told = auditor.get("/history").text
    assert f"ghi nhận ủy quyền cho {LET} (TUQ. từ ngày 04/05/2022 đến 31/12/2022):" in told
    item = running.item_in("submitted")
    assert OTHER in [each["email"] for each in item["holders"]]
    client = running.client(OTHER)
    assert client.get(f"/items/{item['code']}").status_code == 200
    assert client.get(f"/items/{drafted['code']}").status_code == 404
    with running.signed_in(OTHER) as browser:
        assert item["code"] in browser.get("/").text
        assert browser.get(f"/items/{item['code']}").status_code == 200
    decided = running.decide(item["code"], "approve_department", OTHER)
    assert decided.status_code == 200, decided.text
    entry = (
        running.client("auditor@so.example")
        .get(f"/items/{item['code']}/history")
        .json()["data"][-1]
    )
    assert (entry["actor"], entry["on_behalf_of"]) == (OTHER, HEAD)
    assert client.get(f"/items/{item['code']}").status_code == 404, "no longer held"
    undone = client.post(f"/items/{item['code']}/undo")
    assert undone.status_code == 200, undone.text
    assert client.post(
        f"/items/{item['code']}/recuse", json={"reason": "Có liên quan"}
    ).status_code in {200, 404}


def test_a_stand_in_who_asks_again_after_a_lost_answer_gets_it(running):
    terms = {
        "from": HEAD,
        "to": OTHER,
        "starts_on": "2022-05-04",
        "ends_on": "2022-12-31",
        "document": "13/QĐ-SNgV",
        "pin": "246810",
    }
    assert running.client(HEAD).post("/delegations", json=terms).status_code == 201
    item = running.item_in("submitted")
    body = {"transition": "approve_department", "version": item["version"]}
    first = running.client(OTHER).post(
        f"/items/{item['code']}/transitions", json=body, headers={"Idempotency-Key": "lost"}
    )
    again = running.client(OTHER).post(
        f"/items/{item['code']}/transitions", json=body, headers={"Idempotency-Key": "lost"}
    )
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["entry"] == first.json()["entry"]
