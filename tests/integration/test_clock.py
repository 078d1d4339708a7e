from datetime import timedelta

from workflow.queries.audit import verify_database


def test_a_clock_that_is_set_back_dates_no_entry_before_the_one_it_follows(running):
    item = running.item_in("submitted")
    running.clock._offset -= timedelta(hours=1)
    try:
        edited = running.client("staff.htqt@so.example").patch(
            f"/items/{item['code']}",
            json={"title": "Sửa khi đồng hồ lùi"},
            headers={"If-Match": '"2"'},
        )
        assert edited.status_code == 200
        assert (
            running.decide(item["code"], "approve_department", "head.htqt@so.example").status_code
            == 200
        )
        body = {
            "campaign": item["campaign"],
            "kind": "final",
            "departments": ["lanh-su"],
            "due_at": "2022-12-30T17:00:00+07:00",
        }
        assert running.client("officer@so.example").post("/deadlines", json=body).status_code == 201
    finally:
        running.clock._offset += timedelta(hours=1)
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence
