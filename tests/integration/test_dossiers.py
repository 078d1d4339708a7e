"""Dossiers: what leaves under one number leaves together, or not at all."""

import io
import json
import re
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader

from api import dossier_package as packing
from api.composition import open_application
from api.file_lock import lock_file
from tests.acceptance.everything import PDF
from tests.conftest import PATH
from tests.councils import DIRECTOR, OFFICER, STAFF, counted, nomination, opened, prepared, voted
from tests.maker import Maker
from tests.waiting import until
from workflow.command import Cause
from workflow.commands.send_dossier import NamedItem, SendDossier
from workflow.documents.package import MANIFEST
from workflow.errors import Refusal
from workflow.history.checkpoints import parse_note
from workflow.history.proofs import parse_proof
from workflow.model import Method, Via
from workflow.queries import dossier_package
from workflow.queries.audit import verify_database

CLERK, AUDITOR, HEAD = "clerk@so.example", "auditor@so.example", "head.ls@so.example"
POINT = "chung-minh/diem-kiem-chung.txt"
OUTSIDE = ("ban-tdkt@tinh.example", "cong-an@tinh.example")


@pytest.fixture(autouse=True)
def whole(running):
    yield
    verdict = running.parts.database.report_blocking(verify_database)
    assert verdict.status == 0, verdict.sentence


def waiting(running, count, state="director_signed"):
    """Nominations in ``state``, each as the interface names it."""
    makes = Maker(running)
    codes = [
        makes.item("nomination", "hop-tac-quoc-te", state, nominee=f"Phòng số {each}")
        for each in range(count)
    ]
    found = [running.client(AUDITOR).get(f"/items/{each}").json() for each in codes]
    return [{"code": each["code"], "version": each["version"]} for each in found]


def send(running, items, who=CLERK, key=None, **more):
    headers = {"Idempotency-Key": key} if key else {}
    return running.client(who).post("/dossiers", json={"items": items, **more}, headers=headers)


def codes_of(items):
    return [each["code"] for each in items]


def register(running):
    return running.client(AUDITOR).get("/register").json()["data"]


def last_entry(running, code):
    return running.client(AUDITOR).get(f"/items/{code}/history").json()["data"][-1]


def test_several_leave_under_one_number_with_an_entry_each_and_one_notice(running):
    items, before = waiting(running, 3), len(register(running))
    answer = send(running, items, channel="post")
    assert answer.status_code == 201, answer.text
    found, lead = answer.json(), items[0]["code"]
    assert codes_of(found["items"]) == codes_of(items)
    lines = register(running)
    assert (len(lines) - before, lines[0]["notation"]) == (1, found["number"])
    assert (lines[0]["code"], lines[0]["along"]) == (lead, 2)
    for each in items:
        assert running.state_of(each["code"]) == "sent_to_ban_tdkt"
        said = last_entry(running, each["code"])
        assert said["data"]["dispatch"]["number"] == found["number"]
        assert said["data"].get("carried_by") == (None if each["code"] == lead else lead)
    number = found["number"]
    for address in OUTSIDE:

        def noticed(address=address):
            return [
                each
                for each in running.mailbox.mails()
                if each.recipient == address and number in each.subject
            ]

        (mail,) = until(noticed)
        assert "2 hồ sơ khác trong cùng bộ hồ sơ" in mail.text
    listed = running.client(AUDITOR).get("/dossiers").json()["data"][0]
    assert (listed["id"], listed["number"], listed["count"]) == (found["id"], number, 3)


def test_one_that_cannot_leave_stops_all_and_is_named(running):
    items, (early,) = waiting(running, 2), waiting(running, 1, "office_reviewed")
    before = register(running)
    for wrong, said in (
        ([*items, early], early["code"]),
        ([items[0], {**items[1], "version": items[1]["version"] - 1}], items[1]["code"]),
    ):
        answer = send(running, wrong)
        assert answer.status_code == 422, answer.text
        assert [said in each["message"] for each in answer.json()["reasons"]] == [True]
    assert {running.state_of(each["code"]) for each in items} == {"director_signed"}
    assert register(running) == before
    for wrong in ({"number": 900}, {"issued_on": "2022-01-02"}):
        assert send(running, items, **wrong).status_code == 422
    assert register(running) == before
    assert send(running, items).status_code == 201


def test_only_nominations_of_one_movement_leave_together(running):
    (one,) = waiting(running, 1)
    code = Maker(running).item("department_report", "lanh-su", "director_signed")
    other = running.client(AUDITOR).get(f"/items/{code}").json()
    answer = send(running, [one, {"code": code, "version": other["version"]}])
    assert answer.status_code == 422
    assert "Chỉ hồ sơ đề nghị" in answer.text
    alone = send(running, [{"code": code, "version": other["version"]}])
    assert alone.status_code == 201, alone.text
    assert alone.json()["count"] == 1


def test_a_repeated_request_is_answered_with_the_same_dossier(running):
    items = waiting(running, 2)
    first = send(running, items, key="gui-mot-lan")
    again = send(running, items, key="gui-mot-lan")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert send(running, items[:1], key="gui-mot-lan").status_code == 422
    late = send(running, items)
    assert late.status_code == 422
    assert all(each["code"] in late.text for each in items)


def test_what_is_sent_alone_is_a_dossier_of_one(running):
    (item,) = waiting(running, 1)
    assert running.decide(item["code"], "send_to_board", CLERK).status_code == 200
    found = running.client(CLERK).get("/dossiers").json()["data"][0]
    assert (found["code"], found["count"]) == (item["code"], 1)


def test_who_does_not_send_or_read_the_register_meets_no_dossier(running):
    items = waiting(running, 2)
    assert send(running, items, HEAD).status_code == 403
    assert send(running, items, "director@so.example").status_code == 403
    assert send(running, [*items, {"code": "DN-2022-9999", "version": 1}]).status_code == 404
    number = send(running, items).json()["id"]
    for who, status in ((HEAD, 403), (AUDITOR, 200), ("director@so.example", 200)):
        assert running.client(who).get(f"/dossiers/{number}").status_code == status
        assert running.client(who).get("/dossiers").status_code == status
    assert running.client(AUDITOR).get(f"/dossiers/{number + 900}").status_code == 404


def test_of_two_clerks_at_once_one_sends_and_none_sends_twice(running):
    parts, items = running.parts, waiting(running, 4)
    others = (
        [] if parts.settings.is_sqlite else [open_application(parts.settings, clock=running.clock)]
    )
    databases = [parts.database, *(each.database for each in others)]
    clerk = running.person(CLERK).id
    named = [NamedItem(code=each["code"], version=each["version"]) for each in items]
    # Each wants three of the four, in its own order: they have two in common.
    wanted = [tuple(named[:3]), tuple(named[:0:-1])] * 4
    before = len(register(running))

    def contend(place):
        cause = Cause(actor=clerk, via=Via.API, method=Method.TOKEN, command_id=f"hai-{place}")
        try:
            return databases[place % len(databases)].write_blocking(
                SendDossier(cause=cause, items=wanted[place])
            )
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(contend, range(len(wanted))))
    for each in others:
        each.close()
    (made,) = [each for each in answers if not isinstance(each, Refusal)]
    assert len(running.client(CLERK).get(f"/dossiers/{made}").json()["items"]) == 3
    assert len(register(running)) == before + 1


def attached(running, count=1):
    """A nomination with files that waits to be sent."""
    draft = running.draft("nomination")
    code, staff = draft["code"], running.client("staff.htqt@so.example")
    for place in range(count):
        version = staff.get(f"/items/{code}").json()["version"]
        # Two are called the same.
        upload = {"file": ("Báo cáo thành tích.pdf", PDF + str(place).encode(), "application/pdf")}
        answer = staff.post(
            f"/items/{code}/attachments", files=upload, headers={"If-Match": f'"{version}"'}
        )
        assert answer.status_code == 201, answer.text
    for _, transition, by, more in PATH[:4]:
        answer = running.decide(code, transition, by, **more)
        assert answer.status_code == 200, answer.text
    return {"code": code, "version": answer.json()["version"]}


def package(running, number, who=CLERK):
    return running.client(who).get(f"/dossiers/{number}/package")


def sealed(running, number):
    """The package, once a checkpoint covers the entries."""
    return until(lambda: each if (each := package(running, number)).status_code == 200 else None)


def forget_packages(running):
    """Let every package be made anew, also one that is kept for its minutes."""
    for each in (running.parts.settings.data_dir / "packages").glob("*.zip"):
        each.unlink()


def test_a_package_is_the_same_each_time_and_is_checked_offline(running, tmp_path):
    items = [attached(running, 2), *waiting(running, 1)]
    number = send(running, items).json()["id"]
    first = sealed(running, number)
    assert first.headers["content-type"] == "application/zip"
    forget_packages(running)
    assert first.content == package(running, number).content
    with zipfile.ZipFile(io.BytesIO(first.content)) as archive:
        archive.extractall(tmp_path)
        names = archive.namelist()
    assert all(each.isascii() for each in names)
    lead = items[0]["code"]
    files = [each for each in names if each.startswith(f"ho-so/{lead}/")]
    assert [each.rpartition("/")[2] for each in files] == [
        "00-Bao-cao-thanh-tich.pdf",
        "01-Bao-cao-thanh-tich.pdf",
        "bao-cao-thanh-tich.pdf",
    ]
    letter = PdfReader(tmp_path / "01-to-trinh.pdf").pages[0].extract_text()
    assert json.loads((tmp_path / MANIFEST).read_text())["number"] in letter
    assert "02 tập thể" in letter, "of all that leave together"
    check = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS.txt"]
    assert subprocess.run(check, cwd=tmp_path, check=False).returncode == 0
    for each in items:
        proof, note = parse_proof((tmp_path / f"chung-minh/{each['code']}.tlog-proof").read_text())
        entry = json.loads((tmp_path / f"chung-minh/{each['code']}.json").read_text())
        assert proof.leads_there
        assert proof.entry.hex() == entry["hash"]
        assert note.checkpoint == parse_note((tmp_path / POINT).read_text()).checkpoint
        said = json.loads(entry["body"])["data"]
        assert said["dispatch"]["number"] == json.loads((tmp_path / MANIFEST).read_text())["number"]
    (tmp_path / files[0]).write_bytes(b"%PDF-khac")
    changed = subprocess.run(check, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert changed.returncode == 1
    assert files[0] in changed.stdout + changed.stderr


def test_a_package_that_is_kept_ends_with_the_next_erasure(running):
    (item,) = waiting(running, 1)
    number = send(running, [item]).json()["id"]
    whole = sealed(running, number).content
    (kept,) = (running.parts.settings.data_dir / "packages").glob(f"{number}.*.zip")
    kept.write_bytes(b"as it was")
    assert package(running, number).content == b"as it was"
    code, office = item["code"], running.client(OFFICER)
    office.post(f"/items/{code}/comments", json={"words": "Thừa"})
    seq = office.get(f"/items/{code}/history").json()["data"][-1]["seq"]
    with running.signed_in(OFFICER) as browser:
        form = {"key": "e" * 32, "of": f"item:{code}", "why": "Xin xóa", "entry": str(seq)}
        assert browser.post("/privacy/erase", data=form).status_code == 200
    assert package(running, number).content == b"as it was", "nothing is erased yet"
    running.confirm()
    assert package(running, number).content == whole


def test_a_file_that_was_changed_on_the_disk_leaves_in_no_package(running):
    item = attached(running)
    number = send(running, [item]).json()["id"]
    sealed(running, number)
    sha256 = running.client(AUDITOR).get(f"/items/{item['code']}").json()["files"][0]["sha256"]
    path = running.parts.settings.data_dir / "files" / sha256[:2] / sha256
    kept = path.read_bytes()
    for change in (lambda: path.write_bytes(kept + b"!"), path.unlink):
        change()
        forget_packages(running)
        answer = package(running, number)
        assert answer.status_code == 503
        assert sha256[:12] in answer.text
    path.write_bytes(kept)
    assert package(running, number).status_code == 200


def test_who_waits_long_for_a_package_is_told_how_far_it_is(running, monkeypatch):
    monkeypatch.setattr(packing, "_PAGE_SECONDS", 0.05)
    (item,) = waiting(running, 1)
    number = send(running, [item]).json()["id"]
    sealed(running, number)
    forget_packages(running)
    folder = running.parts.settings.data_dir / "packages"
    with (folder / f"{number}.lock").open("a+") as lock, running.signed_in(CLERK) as browser:
        lock_file(lock, waits=True)  # as another process does that makes it
        page = browser.get(f"/dossiers/{number}/package.zip")
        assert (page.url.path, page.headers["refresh"]) == (f"/dossiers/{number}", "2")
        assert "Đang lập gói hồ sơ" in page.text
        assert "package.zip" not in page.text
        (folder / f"{number}.progress").write_text("57 200")
        assert "Đang lập gói hồ sơ: 57/200 tệp" in browser.get(f"/dossiers/{number}").text
        (folder / f"{number}.progress").unlink()
        lock.close()
        done = until(lambda: page if "package.zip" in (page := again(browser, number)).text else 0)
        assert "refresh" not in done.headers
        assert browser.get(f"/dossiers/{number}/package.zip").content[:2] == b"PK"


def again(browser, number):
    return browser.get(f"/dossiers/{number}")


def test_a_package_is_for_who_reads_the_register_and_is_noted(running):
    (item,) = waiting(running, 1)
    number = send(running, [item]).json()["id"]
    sealed(running, number)
    for who in (HEAD, "staff.htqt@so.example", "admin@so.example"):
        assert package(running, number, who).status_code == 403
    assert package(running, number + 900).status_code == 404


def test_what_nobody_confirmed_to_be_free_of_state_secrets_leaves_in_no_package(
    running, monkeypatch
):
    (item,) = waiting(running, 1)
    number = send(running, [item]).json()["id"]
    sealed(running, number)
    forget_packages(running)
    monkeypatch.setattr(dossier_package, "_confirms", lambda *_: False)
    answer = package(running, number)
    assert answer.status_code == 422
    assert item["code"] in answer.text


def test_the_clerk_sends_what_a_round_has_passed_from_the_page(running):
    (code,) = [nomination(running)]
    found = opened(running, code)
    voted(running, found, ["agree"] * 5)
    number = counted(running, found)["id"]
    closed = running.client(DIRECTOR).post(f"/council-rounds/{number}/close")
    assert closed.status_code == 200, closed.text
    assert running.decide(code, "sign_director", DIRECTOR, pin="246810").status_code == 200
    (other,) = waiting(running, 1)
    with running.signed_in(CLERK) as browser:
        page = browser.get(f"/dossiers?round={number}").text
        chosen = re.findall(r'value="([^"]+)"\s+checked', page)
        assert [each.partition(":")[0] for each in chosen] == [code]
        form = {"items": [*chosen, f"{other['code']}:1"], "channel": "hand", "key": "k1"}
        refused = browser.post("/dossiers", data=form)
        assert refused.status_code == 422
        assert f"Không gửi được hồ sơ {other['code']}" in refused.text
        sent = browser.post("/dossiers", data={**form, "items": chosen, "key": "k2"})
        assert sent.url.path.startswith("/dossiers/")
        assert f"/rounds/{number}" in sent.text
        assert sent.url.path in browser.get(f"/items/{code}").text
    with running.signed_in(HEAD) as browser:
        assert browser.get(sent.url.path).status_code == 403
    own = sent.url.path.rpartition("/")[2]
    first = sealed(running, own).content
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        names = archive.namelist()
    assert {"02-bien-ban-hop-hoi-dong.pdf", "03-bien-ban-kiem-phieu.pdf"} <= {*names}
    back = running.decide(code, "request_supplement", CLERK, comment="Bổ sung", to="drafted")
    edit = {"title": "Đề nghị đã bổ sung"}
    mark = {"If-Match": f'"{back.json()["version"]}"'}
    author = running.client(STAFF)
    assert author.patch(f"/items/{code}", json=edit, headers=mark).status_code == 200
    for transition, by in (("submit", STAFF), ("approve_department", "head.htqt@so.example")):
        assert running.decide(code, transition, by).status_code == 200
    assert running.decide(code, "review_office", OFFICER).status_code == 200
    prepared(running, code)
    forget_packages(running)
    assert sealed(running, own).content == first, "as it left, whatever becomes of it later"
