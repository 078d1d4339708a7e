"""People, departments and campaigns are added while the agency is at work, by those who may."""

import pytest

pytestmark = pytest.mark.one_database

OFFICE, STAFF = "officer@so.example", "staff.htqt@so.example"
NEW = {
    "email": "Moi.Nguoi@so.example",
    "name": "Chuyên viên mới",
    "position": "staff",
    "department": "lanh-su",
}


def test_a_person_is_added_once_and_invited(running):
    made = running.client(OFFICE).post("/people", json=NEW)
    assert made.status_code == 201, made.text
    assert made.json()["email"] == "moi.nguoi@so.example"
    assert running.client(OFFICE).post("/people", json=NEW).status_code == 422
    assert running.client(OFFICE).post("/people", json={**NEW, "email": "x"}).status_code == 422
    assert (
        running.client(OFFICE)
        .post("/people", json={**NEW, "email": "a@so.example", "position": "king"})
        .status_code
        == 422
    )
    assert (
        running.client(OFFICE)
        .post("/people", json={**NEW, "email": "a@so.example", "admin": True})
        .status_code
        == 422
    )
    assert (
        running.client(STAFF).post("/people", json={**NEW, "email": "b@so.example"}).status_code
        == 403
    )
    known = [each["email"] for each in running.client(OFFICE).get("/people").json()["data"]]
    assert known.count("moi.nguoi@so.example") == 1


def test_a_department_is_added(running):
    made = running.client(OFFICE).post(
        "/departments", json={"id": "thanh-tra", "name": "Thanh tra Sở"}
    )
    assert made.status_code == 201, made.text
    assert "thanh-tra" in [
        each["id"] for each in running.client(STAFF).get("/departments").json()["data"]
    ]
    assert (
        running.client(OFFICE)
        .post("/departments", json={"id": "thanh-tra", "name": "Khác"})
        .status_code
        == 422
    )
    assert (
        running.client(OFFICE).post("/departments", json={"id": "A B", "name": "Khác"}).status_code
        == 422
    )
    assert (
        running.client(OFFICE).post("/departments", json={"id": "abc", "name": " "}).status_code
        == 422
    )
    assert (
        running.client(STAFF).post("/departments", json={"id": "abc", "name": "Khác"}).status_code
        == 403
    )
    types = [
        each["type"] for each in running.client("auditor@so.example").get("/history").json()["data"]
    ]
    assert "department_added" in types


def test_a_campaign_is_launched_from_its_plan_and_takes_items(running):
    plan = running.client(OFFICE).get("/campaigns").json()["data"][0]
    own = {
        **plan,
        "id": "phong-trao-moi",
        "name": "Phong trào mới",
        "year": 2023,
        "starts_on": "2023-04-01",
        "ends_on": "2023-12-31",
    }
    assert running.client(STAFF).post("/campaigns", json=own).status_code == 403
    made = running.client(OFFICE).post("/campaigns", json=own)
    assert made.status_code == 201, made.text
    assert running.client(STAFF).get("/campaigns/phong-trao-moi").json() == made.json()
    assert running.client(OFFICE).post("/campaigns", json=own).status_code == 201, (
        "the same again is the same"
    )
    assert (
        running.client(OFFICE).post("/campaigns", json={**own, "name": "Khác"}).status_code == 422
    )
    body = {
        **running.client(STAFF).get("/definitions/nomination/example").json(),
        "campaign": "phong-trao-moi",
    }
    assert running.client(STAFF).post("/items", json=body).json()["code"].startswith("DN-2023-")


@pytest.mark.parametrize(
    "change",
    [
        {"ends_on": "2021-01-01"},
        {"year": "x"},
        {"surprise": 1},
        {"obligated_departments": ["nowhere"]},
        {"content": []},
    ],
)
def test_a_plan_that_cannot_stand_is_refused(running, change):
    plan = running.client(OFFICE).get("/campaigns").json()["data"][0]
    refused = running.client(OFFICE).post("/campaigns", json={**plan, "id": "sai", **change})
    assert refused.status_code == 422
    assert refused.json()["detail"]
    assert running.client(OFFICE).get("/campaigns/sai").status_code == 404
