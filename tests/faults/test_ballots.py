"""Secret ballots against whoever has a copy of everything, and against who casts twice at once."""

import logging
import re
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from api.composition import open_application
from tests.conftest import new_postgres_url, running_at
from tests.councils import MEMBERS, OFFICER, cast, counted, nomination, opened
from workflow.command import Cause
from workflow.commands.cast_vote import CastVote, VoteRecorded
from workflow.errors import InvalidRefusal, Refusal
from workflow.model import Method, Via
from workflow.rounds import open_paper, read_box_code
from workflow.voting import BallotChoice

CHOICES = ["agree", "disagree", "agree", "blank", "agree"]
CODE = re.compile(rb"(?:[A-Z2-7]{4}-){5}[A-Z2-7]{4}|[A-Z2-7]{24}")


def copy_of(running, folder, name):
    """Every byte of the database with its journal, as a backup between two casts would have it."""
    data = running.parts.settings.data_dir
    to = folder / name
    to.mkdir()
    for each in data.glob("thidua.db*"):
        shutil.copy(each, to)
    return b"".join(each.read_bytes() for each in sorted(to.iterdir()))


def rows(running, statement):
    with running.parts.engines.write.connect() as connection:
        return [tuple(each) for each in connection.execute(text(statement))]


@pytest.fixture(scope="module")
def ballot(tmp_path_factory):
    """A secret ballot that was held, counted and closed; with all that was kept of it, and when."""
    said = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    logging.getLogger().addHandler(handler)
    folder = tmp_path_factory.mktemp("copies")
    with running_at("127.0.0.1", tmp_path_factory.mktemp("ballot"), "") as running:
        code = nomination(running)
        found = opened(running, code)
        copies, receipts, papers = [copy_of(running, folder, "0")], [], []
        for place, (who, choice) in enumerate(zip(MEMBERS, CHOICES, strict=True), 1):
            receipts.append(cast(running, found, who, {code: choice}).json()["receipt"])
            copies.append(copy_of(running, folder, str(place)))
            papers.append(rows(running, "SELECT id, sealed FROM round_papers"))
        count = counted(running, found)
        closed = running.client(MEMBERS[0]).post(f"/council-rounds/{found['id']}/close")
        assert closed.status_code == 200, closed.text
        copies.append(copy_of(running, folder, "closed"))
        mails = "\n".join(each.text + each.subject for each in running.mailbox.mails())
        yield {
            "running": running,
            "codes": found["codes"],
            "round": found["id"],
            "copies": copies,
            "kept": [*copies, "\n".join(said).encode(), mails.encode()],
            "receipts": receipts,
            "papers": papers,
            "count": count,
        }
    logging.getLogger().removeHandler(handler)


def test_the_keys_of_the_box_are_in_nothing_that_is_kept(ballot):
    for code in ballot["codes"]:
        key = read_box_code(code)
        raw = key.private.private_bytes_raw()
        wanted = [code.encode(), code.replace("-", "").encode(), raw, raw.hex().encode()]
        for kept in ballot["kept"]:
            assert not any(each in kept for each in wanted)
            for candidate in set(CODE.findall(kept)):
                found = read_box_code(candidate.decode())
                assert found is None or found.public != key.public


def test_neither_the_chair_nor_the_secretary_opens_a_paper_of_a_copy_alone(ballot):
    """Whoever takes a key and has a copy made between two casts still lacks the other's."""
    first, second = map(read_box_code, ballot["codes"])
    wrong = read_box_code("AAAA-" * 5 + "AAAA")
    about = f"round {ballot['round']} run 1".encode()
    for _, sealed in ballot["papers"][-1]:
        for keys in ([first], [second], [first, first], [second, first], [first, wrong], [wrong]):
            assert open_paper(keys, sealed, about=about, cases=1) is None
        assert open_paper([first, second], sealed, about=about, cases=1) is not None


def test_a_copy_made_between_two_casts_tells_who_has_voted_and_not_what(ballot):
    """All papers are as long as each other, and none names a choice."""
    last = ballot["papers"][-1]
    assert [len(each) for each in ballot["papers"]] == [1, 2, 3, 4, 5]
    assert len({len(sealed) for _, sealed in last}) == 1
    for _, sealed in last:
        assert not any(each.encode() in sealed for each in BallotChoice)
    for receipt in ballot["receipts"]:
        assert not any(receipt.encode() in each for each in ballot["copies"][:-1])


def test_what_is_left_has_no_order_no_instant_and_nobody(ballot):
    running = ballot["running"]
    assert rows(running, "SELECT count(*) FROM round_papers") == [(0,)]
    laid = rows(running, "SELECT id, choice FROM round_ballots ORDER BY rowid")
    assert laid == sorted(laid)
    assert Counter(choice for _, choice in laid) == Counter(CHOICES)
    columns = {each[1] for each in rows(running, "PRAGMA table_info(round_ballots)")}
    assert columns == {"id", "round_id", "run", "item_id", "nominee", "choice"}
    columns = {each[1] for each in rows(running, "PRAGMA table_info(round_receipts)")}
    assert columns == {"round_id", "run", "receipt"}
    kept = rows(running, "SELECT receipt FROM round_receipts ORDER BY rowid")
    assert kept == sorted(kept)
    digests = rows(
        running,
        "SELECT command_digest FROM history WHERE type = 'vote_cast'",
    )
    assert {each for (each,) in digests} <= {"", None}


def test_each_finds_the_number_of_their_paper_and_it_tells_nothing(ballot):
    assert sorted(ballot["receipts"]) == ballot["count"]["receipts"]
    assert "votes" not in str(ballot["count"]["cases"][0]["votes"])
    log_and_mails = ballot["kept"][-2:]
    for receipt in ballot["receipts"]:
        assert not any(receipt.encode() in each for each in log_and_mails)


def test_no_length_on_its_way_tells_what_a_paper_says(running):
    """A network, and a proxy that notes lengths, see whose paper is sent and how long it is."""
    code = nomination(running)
    found = opened(running, code)
    lengths = set()
    for who, choice in zip(MEMBERS, "adbac", strict=True):
        with running.signed_in(who) as browser:
            address = f"/rounds/{found['id']}/papers/{running.person(who).id}"
            form = dict(re.findall(r'name="(run|key)" value="([^"]*)"', browser.get(address).text))
            offered = re.findall(
                r'type="radio".*?value="([^"]*)"', browser.get(address).text, re.DOTALL
            )
            answer = browser.post(address, data=form | {f"choice-{code}": choice})
        assert offered == ["a", "d", "b", "c"]
        assert answer.status_code == 200, answer.text
        lengths.add(len(answer.request.content))
    assert len(lengths) == 1
    (case,) = counted(running, found)["cases"]
    votes = (case["agree"], case["disagree"], case["blank"], len(case["concerned"]))
    assert votes == (2, 1, 1, 1)


def attempts(running, found, code, number):
    """So many papers of five members, given at once by eight hands in two processes' places."""
    ids = [running.person(each).id for each in MEMBERS]
    other = open_application(running.parts.settings, clock=running.clock) if number > 0 else None
    doors = [running.parts.database] if other is None else [running.parts.database, other.database]
    if running.parts.settings.is_sqlite and other is not None:
        other.close()
        doors = doors[:1]

    def one(place):
        cause = Cause(
            actor=ids[place % len(ids)],
            via=Via.API,
            method=Method.TOKEN,
            command_id=f"contest:{found['id']}:{place}",
        )
        command = CastVote(
            round=found["id"], run=found["run"], choices={code: "agree"}, cause=cause
        )
        try:
            return doors[place % len(doors)].write_blocking(command)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(8) as hands:
        outcomes = list(hands.map(one, range(number)))
    if len(doors) > 1:
        other.close()
    return outcomes


def test_nobody_votes_twice_however_often_and_fast_they_try(running, is_long):
    code = nomination(running)
    found = opened(running, code)
    outcomes = attempts(running, found, code, 10_000 if is_long else 200)
    kept = [each for each in outcomes if isinstance(each, VoteRecorded)]
    refused = [each for each in outcomes if not isinstance(each, VoteRecorded)]
    assert len(kept) == len(MEMBERS)
    assert len({each.receipt for each in kept}) == len(MEMBERS)
    assert {type(each) for each in refused} == {InvalidRefusal}
    assert {reason.rule for each in refused for reason in each.reasons} == {"voted"}
    assert rows(running, "SELECT count(*) FROM round_papers") == [(len(MEMBERS),)]
    (case,) = counted(running, found)["cases"]
    assert case["agree"] == len(MEMBERS)
    assert OFFICER not in str(case)


def places(folders, needle):
    """Where bytes stand in the files of folders, in the order of the files' names."""
    files = [each for folder in folders for each in sorted(folder.rglob("*")) if each.is_file()]
    return [
        (str(each), found.start())
        for each in files
        for found in re.finditer(re.escape(needle), each.read_bytes())
    ]


def test_postgresqls_files_and_its_log_keep_no_order_that_ties_a_vote_to_its_voter(
    postgres, tmp_path_factory
):
    """A copy of the whole folder of the database after the vote: by which transaction and at which
    place what was opened was written, what its journal says, and what is left of the papers."""
    url = new_postgres_url(postgres)
    with running_at("127.0.0.1", tmp_path_factory.mktemp("ballot"), url) as running:
        codes = [nomination(running), nomination(running)]
        found = opened(running, *codes)
        receipts = [
            cast(running, found, who, dict.fromkeys(codes, said)).json()["receipt"]
            for who, said in zip(MEMBERS, CHOICES, strict=True)
        ]
        counted(running, found)
        path = f"/council-rounds/{found['id']}/close"
        assert running.client(MEMBERS[0]).post(path).status_code == 200
        laid = rows(running, "SELECT ctid, id, xmin::text FROM round_ballots ORDER BY ctid")
        numbers = rows(
            running, "SELECT ctid, receipt, xmin::text FROM round_receipts ORDER BY ctid"
        )
        casts = rows(running, "SELECT xmin::text FROM history WHERE type = 'vote_cast'")
        seats = rows(running, "SELECT xmin::text FROM round_seats")
        (folder,) = rows(running, "SELECT oid FROM pg_database WHERE datname = current_database()")
        (data,) = rows(running, "SELECT current_setting('data_directory')")
    postgres.psql("CHECKPOINT")
    assert len(laid) == 2 * len(MEMBERS)
    for written in (laid, numbers):
        assert [each[1] for each in written] == sorted(each[1] for each in written)
    (counting,) = {each[2] for each in (*laid, *numbers)}
    assert (counting,) not in casts
    assert (counting,) not in seats
    kept = [Path(data[0]) / "base" / str(folder[0]), Path(data[0]) / "pg_wal"]
    firsts = [min(places(kept[1:], each.encode())) for each in receipts]
    in_log = [number for _, number in sorted(zip(firsts, receipts, strict=True))]
    assert in_log == sorted(receipts), "the journal has them sorted, not as they were cast"
    for code in found["codes"]:
        raw = read_box_code(code).private.private_bytes_raw()
        for each in (code.encode(), code.replace("-", "").encode(), raw):
            assert places(kept, each) == []


def test_what_was_deleted_is_overwritten_in_the_file(ballot):
    running = ballot["running"]
    with running.parts.engines.write.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        connection.rollback()
        driver = connection.connection.driver_connection
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = (running.parts.settings.data_dir / "thidua.db").read_bytes()
    sealed = {paper for papers in ballot["papers"] for _, paper in papers}
    assert len(sealed) == len(MEMBERS)
    assert not [each for each in sealed if bytes(each) in kept]
