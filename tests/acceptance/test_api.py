import httpx2
import pytest

from tests.conftest import CAMPAIGN

STAFF, HEAD, DEPUTY = "staff.htqt@so.example", "head.htqt@so.example", "deputy.htqt@so.example"


def rules(answer):
    return [each["rule"] for each in answer.json()["reasons"]]


def act(running, code, by=HEAD, headers=None, **body):
    return running.client(by).post(f"/items/{code}/transitions", json=body, headers=headers or {})


@pytest.mark.one_database
def test_who_is_not_known_is_asked_to_sign_in(running):
    answer = httpx2.get(running.base_url + "/api/v1/me")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.one_database
def test_me_says_person_positions_and_delegations(running):
    me = running.client(STAFF).get("/me").json()
    assert me["email"] == STAFF
    assert me["positions"] == [{"position": "staff", "department": "hop-tac-quoc-te"}]


def test_a_new_item_has_code_version_state_holders_and_an_etag(running):
    item = running.draft()
    assert item["code"].startswith("DN-2022-")
    assert (item["version"], item["step"], item["state"], item["department"]) == (
        1,
        1,
        "drafted",
        "hop-tac-quoc-te",
    )
    assert [each["email"] for each in item["holders"]] == [STAFF]
    assert running.client(STAFF).get(f"/items/{item['code']}").headers["etag"] == '"1"'


@pytest.mark.one_database
@pytest.mark.parametrize(
    "change, rule",
    [
        ({"type": "nothing"}, "type"),
        ({"campaign": "nothing"}, "campaign"),
        ({"title": ""}, "title"),
        ({"fields": {"unknown": 1}}, "field"),
        ({"fields": {"nominee_kind": "nobody"}}, "field"),
        ({"fields": {"period_from": "2022-02-30"}}, "field"),
        ({"fields": {"earlier_awards": [{"year": 2021}]}}, "field"),
        ({"state": "awarded"}, "malformed"),
        ({"version": 9}, "malformed"),
    ],
)
def test_a_wrong_item_is_refused_and_says_where(running, change, rule):
    body = {**running.client(STAFF).get("/definitions/nomination/example").json(), **change}
    answer = running.client(STAFF).post("/items", json=body)
    assert answer.status_code == 422
    assert rule in rules(answer)


@pytest.mark.one_database
def test_one_drafts_for_the_own_department_only_and_not_everybody_drafts(running):
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    assert (
        running.client(STAFF).post("/items", json={**body, "department": "lanh-su"}).status_code
        == 403
    )
    for email in (
        "director@so.example",
        "clerk@so.example",
        "auditor@so.example",
        "admin@so.example",
    ):
        assert running.client(email).post("/items", json=body).status_code == 403


@pytest.mark.one_database
def test_an_item_is_seen_by_its_department_and_those_who_see_all_and_does_not_exist_for_others(
    running,
):
    code = running.draft()["code"]
    for email in (
        STAFF,
        HEAD,
        "chief@so.example",
        "officer@so.example",
        "director@so.example",
        "deputy.director@so.example",
        "clerk@so.example",
        "auditor@so.example",
    ):
        assert running.client(email).get(f"/items/{code}").status_code == 200, email
    for email in ("staff.ls@so.example", "head.bg@so.example", "admin@so.example"):
        for path in (
            f"/items/{code}",
            f"/items/{code}/history",
            f"/items/{code}/transitions",
            f"/items/{code}/attachments",
        ):
            assert running.client(email).get(path).status_code == 404, (email, path)
        assert code not in running.client(email).get("/items").text


def test_an_edit_needs_the_version_seen_and_merges_fields(running):
    code = running.draft()["code"]
    client = running.client(STAFF)
    assert client.patch(f"/items/{code}", json={"title": "Tên mới"}).status_code == 428
    edited = client.patch(
        f"/items/{code}",
        json={"title": "Tên mới", "fields": {"unit_vote": None}},
        headers={"If-Match": '"1"'},
    )
    assert edited.status_code == 200
    assert edited.json()["version"] == 2
    assert edited.json()["title"] == "Tên mới"
    assert "unit_vote" not in edited.json()["fields"]
    assert edited.json()["fields"]["nominee_kind"] == "collective"
    stale = client.patch(f"/items/{code}", json={"title": "Khác"}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412
    assert stale.json()["current"] == {"state": "drafted", "version": 2}
    assert stale.json()["given"] == {"version": 1}
    assert (
        running.client(HEAD)
        .patch(f"/items/{code}", json={"title": "x"}, headers={"If-Match": '"2"'})
        .status_code
        == 403
    )


@pytest.mark.one_database
def test_an_edit_while_it_waits_mails_new_links_and_is_closed_after_the_approval(running):
    item = running.item_in("submitted")
    old = running.link_for(item["code"], HEAD)
    edited = running.client(STAFF).patch(
        f"/items/{item['code']}", json={"title": "Sửa khi đang chờ"}, headers={"If-Match": '"2"'}
    )
    assert edited.status_code == 200
    fresh = running.link_for(item["code"], HEAD, newer_than=1)
    assert fresh != old
    assert (
        httpx2.post(old, data={"decision": "approve_department", "version": "3"}).status_code == 409
    )
    assert (
        httpx2.post(fresh, data={"decision": "approve_department", "version": "3"}).status_code
        == 200
    )
    assert (
        running.client(STAFF)
        .patch(f"/items/{item['code']}", json={"title": "Nữa"}, headers={"If-Match": '"4"'})
        .status_code
        == 403
    )


@pytest.mark.one_database
def test_the_order_of_refusals_of_a_transition(running):
    item = running.item_in("submitted")
    code, version = item["code"], item["version"]
    assert act(running, code, by="staff.ls@so.example", transition="nonsense").status_code == 404
    assert act(running, code, transition="nonsense", version=version).status_code == 422
    assert (
        act(
            running, code, transition="approve_department", version=version, state="awarded"
        ).status_code
        == 422
    )
    assert (
        act(running, code, transition="approve_department", version=version, number=5).status_code
        == 422
    )
    assert act(running, code, transition="approve_department").status_code == 428
    stale = act(running, code, transition="approve_department", version=1)
    assert stale.status_code == 409
    assert stale.json()["current"] == {"state": "submitted", "version": version}
    assert stale.json()["last"]["transition"] == "submit"
    assert stale.json()["last"]["actor"] == STAFF
    assert (
        act(running, code, transition="approve_department", headers={"If-Match": '"1"'}).status_code
        == 412
    )
    forbidden = act(running, code, by=STAFF, transition="approve_department", version=version)
    assert (forbidden.status_code, forbidden.json()["type"].rsplit(":", 1)[-1]) == (
        403,
        "not-permitted",
    )
    assert {"holder", "not_the_author"} <= set(rules(forbidden))
    assert rules(act(running, code, transition="sign_director", version=version)) == ["state"]
    missing = act(running, code, transition="return", version=version)
    assert (missing.status_code, rules(missing)) == (422, ["comment"])
    assert rules(act(running, code, transition="reject", version=version, comment="  ")) == [
        "comment"
    ]
    assert running.client("auditor@so.example").get(f"/items/{code}").json()["version"] == version


@pytest.mark.one_database
def test_an_incomplete_draft_is_not_submitted_and_says_what_is_missing(running):
    body = {**running.client(STAFF).get("/definitions/nomination/example").json(), "fields": {}}
    code = running.client(STAFF).post("/items", json=body).json()["code"]
    answer = running.decide(code, "submit", STAFF)
    assert (answer.status_code, rules(answer)) == (422, ["content_complete"])
    assert "Tóm tắt thành tích" in answer.json()["reasons"][0]["message"]


def test_the_same_key_and_body_gives_the_same_answer_and_another_body_is_refused(running):
    item = running.item_in("submitted")
    headers = {"Idempotency-Key": f"k-{item['code']}"}
    body = {"transition": "approve_department", "version": item["version"], "comment": "Đồng ý"}
    first = act(running, item["code"], headers=headers, **body)
    assert first.status_code == 200
    running.decide(item["code"], "review_office", "officer@so.example")
    again = act(running, item["code"], headers=headers, **body)
    assert again.status_code == 200
    assert again.json() == first.json()
    assert (
        act(running, item["code"], headers=headers, **{**body, "comment": "Khác"}).status_code
        == 422
    )
    other = act(running, item["code"], by=DEPUTY, headers=headers, **body)
    assert other.status_code == 409


def test_a_dry_run_answers_the_same_and_writes_nothing(running):
    item = running.item_in("submitted")
    path = f"/items/{item['code']}/transitions?dry_run=true"
    body = {"transition": "approve_department", "version": item["version"]}
    assert running.client(HEAD).post(path, json=body).status_code == 200
    assert running.client(STAFF).post(path, json=body).status_code == 403
    assert running.state_of(item["code"]) == "submitted"


def test_signing_needs_the_pin_whatever_the_channel_and_five_wrong_ones_lock(running):
    item = running.item_in("office_reviewed")
    code, version = item["code"], item["version"]
    missing = act(
        running, code, by="director@so.example", transition="sign_director", version=version
    )
    assert (missing.status_code, missing.json()["type"].rsplit(":", 1)[-1]) == (
        403,
        "second-factor-required",
    )
    for _ in range(5):
        assert (
            act(
                running,
                code,
                by="director@so.example",
                transition="sign_director",
                version=version,
                pin="000000",
            ).status_code
            == 403
        )
    locked = act(
        running,
        code,
        by="director@so.example",
        transition="sign_director",
        version=version,
        pin="246810",
    )
    assert (locked.status_code, rules(locked)) == (403, ["second-factor-locked"])
    assert running.state_of(code) == "office_reviewed"
    from datetime import timedelta

    running.clock.advance(timedelta(minutes=16))
    signed = act(
        running,
        code,
        by="director@so.example",
        transition="sign_director",
        version=version,
        pin="246810",
    )
    assert signed.status_code == 200
    entry = running.client("auditor@so.example").get(f"/items/{code}/history").json()["data"][-1]
    assert (entry["method"], entry["via"], entry["position"]) == ("pin", "api", "director")


def test_sending_gives_the_next_number_of_the_year_and_refuses_every_other(running):
    first, second = running.item_in("director_signed"), running.item_in("director_signed")

    def number_of(item):
        history = running.client("auditor@so.example").get(f"/items/{item['code']}/history")
        return history.json()["data"][-1]["data"]["dispatch"]["number"]

    sent = running.decide(first["code"], "send_to_board", "clerk@so.example", channel="post")
    assert sent.status_code == 200
    given = int(number_of(first).partition("/")[0])
    for other in (given, given + 2):  # taken; a gap
        refused = running.decide(second["code"], "send_to_board", "clerk@so.example", number=other)
        assert (refused.status_code, rules(refused)) == (422, ["number"])
    assert running.decide(second["code"], "send_to_board", "clerk@so.example").status_code == 200
    assert number_of(second) == f"{given + 1:02d}/TTr-SNgV"


@pytest.mark.one_database
def test_return_needs_a_reason_and_leads_to_the_chosen_earlier_step(running):
    item = running.item_in("office_reviewed")
    code = item["code"]
    assert (
        running.decide(
            code, "return", "director@so.example", comment="Bổ sung", to="awarded"
        ).status_code
        == 422
    )
    returned = running.decide(
        code, "return", "director@so.example", comment="Bổ sung số liệu", to="submitted"
    )
    assert (returned.status_code, returned.json()["state"]) == (200, "submitted")
    assert returned.json()["entry"]["seq"] == 5
    again = running.decide(code, "return", HEAD, comment="Sửa lại")
    assert again.json()["state"] == "drafted"
    assert again.json()["due_at"] is None


@pytest.mark.one_database
def test_withdraw_is_the_authors_before_anyone_decided(running):
    item = running.item_in("submitted")
    assert running.decide(item["code"], "withdraw", HEAD).status_code == 403
    assert running.decide(item["code"], "withdraw", STAFF).json()["state"] == "drafted"
    assert running.decide(item["code"], "withdraw", STAFF).json()["state"] == "withdrawn"
    assert running.decide(item["code"], "submit", STAFF).status_code == 403


@pytest.mark.one_database
def test_after_sending_the_clerk_records_what_the_board_answers(running):
    item = running.item_in("received")
    assert (
        running.decide(item["code"], "record_award", "clerk@so.example").json()["state"]
        == "awarded"
    )
    report = running.item_in("received", "department_report")
    assert report["holders"] == []
    assert running.decide(report["code"], "record_award", "clerk@so.example").status_code == 422


@pytest.mark.one_database
def test_items_of_the_office_are_approved_by_its_chief_and_reviewed_by_its_officer(running):
    body = running.client("officer@so.example").get("/definitions/nomination/example").json()
    by_officer = running.client("officer@so.example").post("/items", json=body).json()
    submitted = running.decide(by_officer["code"], "submit", "officer@so.example").json()
    assert [each["email"] for each in submitted["holders"]] == ["chief@so.example"]
    reviewed = running.decide(by_officer["code"], "approve_department", "chief@so.example").json()
    assert [each["email"] for each in reviewed["holders"]] == ["deputy.director@so.example"]
    by_chief = running.client("chief@so.example").post("/items", json=body).json()
    submitted = running.decide(by_chief["code"], "submit", "chief@so.example").json()
    assert [each["email"] for each in submitted["holders"]] == ["deputy.director@so.example"]
    approved = running.decide(
        by_chief["code"], "approve_department", "deputy.director@so.example"
    ).json()
    assert [each["email"] for each in approved["holders"]] == ["officer@so.example"]


@pytest.mark.one_database
def test_transitions_say_for_each_why_it_is_closed(running):
    item = running.item_in("submitted")
    found = {
        each["transition"]: each
        for each in running.client(HEAD).get(f"/items/{item['code']}/transitions").json()["data"]
    }
    assert found["approve_department"]["allowed"]
    assert found["return"]["requires"] == ["comment"]
    assert found["sign_director"]["requires"] == ["pin"]
    assert [each["rule"] for each in found["sign_director"]["reasons"]] == ["state"]
    assert not found["withdraw"]["allowed"]


def test_lists_have_pages_filters_and_search_without_diacritics(running):
    for _ in range(3):
        running.draft()
    first = running.client(STAFF).get("/items", params={"limit": 2}).json()
    second = (
        running.client(STAFF).get("/items", params={"limit": 2, "cursor": first["next"]}).json()
    )
    assert len(first["data"]) == len(second["data"]) == 2
    assert {each["code"] for each in first["data"]}.isdisjoint(
        each["code"] for each in second["data"]
    )
    assert running.client(STAFF).get("/items", params={"q": "giay khen", "limit": 1}).json()["data"]
    assert all(
        each["state"] == "drafted"
        for each in running.client(STAFF).get("/items", params={"state": "drafted"}).json()["data"]
    )
    assert running.client(STAFF).get("/items", params={"cursor": "broken"}).status_code == 422
    assert running.client(STAFF).get("/items", params={"limit": 201}).status_code == 422
    item = running.item_in("submitted")
    mine = running.client(HEAD).get("/items", params={"holder": "me"}).json()["data"]
    assert item["code"] in {each["code"] for each in mine}


def test_an_item_is_shown_as_it_was(running):
    item = running.item_in("submitted")
    history = running.client(HEAD).get(f"/items/{item['code']}/history").json()["data"]
    then = running.client(HEAD).get(f"/items/{item['code']}/as-of/{history[0]['at']}").json()
    assert (then["state"], then["version"]) == ("drafted", 1)
    assert (
        running.client(HEAD).get(f"/items/{item['code']}/as-of/2022-05-04T08:00:00").status_code
        == 422
    )


@pytest.mark.one_database
def test_definitions_have_a_matrix_and_an_example_and_campaigns_are_whole(running):
    definition = running.client(STAFF).get("/definitions/nomination").json()
    row = next(
        each
        for each in definition["matrix"]
        if each["state"] == "office_reviewed" and each["position"] == "director"
    )
    assert row["transitions"] == ["sign_director", "return", "reject"]
    assert (
        running.client(STAFF)
        .get(f"/definitions/nomination/versions/{definition['version']}")
        .json()["hash"]
        == definition["hash"]
    )
    assert (
        running.client(STAFF).get(f"/campaigns/{CAMPAIGN}").json()["parent_plan"]["number"]
        == "119/KH-UBND"
    )
    assert running.client(STAFF).get("/openapi.json").status_code == 200
    assert httpx2.get(running.base_url + "/api/v1/openapi.json").status_code == 401


def test_files_are_attached_hashed_and_given_back_as_downloads(running):
    from tests.unit.test_uploads import PDF

    item = running.draft()
    path = f"/items/{item['code']}/attachments"
    assert (
        running.client(STAFF)
        .post(path, files={"file": ("a.exe", b"MZ")}, headers={"If-Match": '"1"'})
        .status_code
        == 422
    )
    added = running.client(STAFF).post(
        path, files={"file": ("Biên bản.pdf", PDF)}, headers={"If-Match": '"1"'}
    )
    assert added.status_code == 201, added.text
    assert added.json()["content_hash"] != item["content_hash"]
    (file,) = running.client(STAFF).get(path).json()["data"]
    got = running.client(HEAD).get(f"{path}/{file['sha256']}")
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith("attachment")
    assert running.client("staff.ls@so.example").get(f"{path}/{file['sha256']}").status_code == 404


@pytest.mark.one_database
def test_an_auditor_reads_and_exports_everything_and_writes_nothing(running):
    auditor = running.client("auditor@so.example")
    item = running.item_in("submitted")
    assert auditor.get("/history").json()["data"]
    assert auditor.get("/history/export").content[:2] == b"PK"
    for email in (STAFF, "officer@so.example", "director@so.example", "admin@so.example"):
        assert running.client(email).get("/history").status_code == 403
    assert (
        act(
            running,
            item["code"],
            by="auditor@so.example",
            transition="approve_department",
            version=2,
        ).status_code
        == 403
    )


@pytest.mark.one_database
def test_health_says_alive_and_ready(running):
    assert httpx2.get(running.base_url + "/healthz/live").status_code == 200
    ready = httpx2.get(running.base_url + "/healthz/ready")
    assert set(ready.json()["checks"]) >= {"database", "schema", "writing", "clock", "mail", "disk"}
    for path in ("live", "ready"):
        by_another_name = httpx2.get(
            f"{running.base_url}/healthz/{path}", headers={"Host": "anything.example"}
        )
        assert by_another_name.status_code != 400, "whoever asks on this machine gets an answer"


@pytest.mark.one_database
def test_health_is_not_well_without_room_a_clock_or_mail(running):
    import dataclasses

    from api.v1.health import _disk, health_checks
    from notifications.tick import tick

    running.run(tick(running.parts.database, running.parts.reminders))  # the hour was moved above
    assert _disk(running.parts, least=0)["ok"]
    assert not _disk(running.parts, least=2**62)["ok"]
    silent = dataclasses.replace(running.parts, delivery=None)
    checks = running.parts.database.report_blocking(
        lambda connection: health_checks(silent, connection)
    )
    assert checks["mail"]["ok"] == (not running.parts.engines.is_sqlite), (
        "nobody else could send for SQLite"
    )
    assert checks["clock"]["ok"]


@pytest.mark.one_database
def test_a_request_from_another_site_or_to_another_host_is_refused(running):
    assert (
        httpx2.post(
            running.base_url + "/sign-out", headers={"Sec-Fetch-Site": "cross-site"}
        ).status_code
        == 403
    )
    assert (
        httpx2.post(
            running.base_url + "/sign-out", headers={"Origin": "https://evil.example"}
        ).status_code
        == 403
    )
    assert httpx2.get(running.base_url + "/", headers={"Host": "evil.example"}).status_code == 400
    assert (
        httpx2.get(running.base_url + "/", headers={"Cookie": "a=" + "\\" * 9000}).status_code
        == 431
    )
