"""Lists as files: what a sheet says is what its page lists, for whoever reads the page."""

import io

import pytest
from python_calamine import CalamineWorkbook

from tests.councils import HEAD, OFFICER, STAFF, nomination, prepared
from tests.integration.test_proceedings import DOCUMENT, pending


def rows_of(running, address, reader=OFFICER):
    with running.signed_in(reader) as browser:
        answer = browser.get(address)
    assert answer.status_code == 200, answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    return [row for row in book.get_sheet_by_index(0).to_python()[2:] if any(row)]


@pytest.mark.one_database
def test_a_sheet_has_the_rows_of_its_list(running):
    pending(running, department="lanh-su", kind="inspection")
    prepared(running, nomination(running, nominee="Phòng Bảng"))
    deadline = {
        "campaign": running.client(OFFICER).get("/campaigns").json()["data"][0]["id"],
        "kind": "interim",
        "departments": ["lanh-su", "hop-tac-quoc-te"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    assert running.client(OFFICER).post("/deadlines", json=deadline).status_code == 201
    heads, *rows = rows_of(running, "/proceedings.xlsx")
    assert heads[0] == "Đối tượng"
    assert ["Phòng Lãnh sự", DOCUMENT] in [[row[0], row[3]] for row in rows]
    heads, *rows = rows_of(running, "/rounds.xlsx")
    assert (heads[4], [row[5] for row in rows].count("")) == ("Cách bỏ phiếu", 0)
    assert rows
    _, *rows = rows_of(running, "/deadlines.xlsx")
    assert {row[3] for row in rows} == {"Phòng Lãnh sự", "Phòng Hợp tác quốc tế"}
    _, *own = rows_of(running, "/deadlines.xlsx", STAFF)
    assert own == rows, "whoever a deadline concerns reads how all stand to it"
    heads, *rows = rows_of(running, "/campaigns.xlsx")
    assert (heads[0], rows[0][1:3]) == ("Phong trào", ["28/04/2022", "31/12/2022"])
    _, *rows = rows_of(running, "/definitions.xlsx")
    assert "Đề nghị khen thưởng" in {row[0] for row in rows}
    heads, *rows = rows_of(running, "/deadlines/quality.xlsx?type=nomination")
    assert len(heads) > 5
    assert {row[0] for row in rows} == {"Phòng Hợp tác quốc tế"}
    with running.signed_in(HEAD) as browser:
        assert browser.get("/proceedings.xlsx").status_code == 403
        assert browser.get("/dossiers.xlsx").status_code == 403
