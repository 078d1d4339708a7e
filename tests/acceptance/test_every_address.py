"""Every address that is read: who may, that nothing is changed by reading, and that nothing anybody wrote becomes markup."""

import importlib
import io
import pkgutil
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from pypdf import PdfReader
from sqlalchemy import func, select

import api.v1
import api.web.pages
from api.web import environment, rendering
from tests.acceptance.everything import EVIL, fill
from tests.conftest import Running, new_postgres_url, running_at
from tests.waiting import until
from workflow.sealer import CheckpointReason
from workflow.store import schema

AGENCY = {
    "staff": "staff.htqt@so.example",
    "head": "head.htqt@so.example",
    "foreign": "staff.ls@so.example",
    "chief": "chief@so.example",
    "officer": "officer@so.example",
    "clerk": "clerk@so.example",
    "director": "director@so.example",
    "deputy": "deputy.director@so.example",
    "auditor": "auditor@so.example",
    "admin": "admin@so.example",
}
NOBODY = "nobody"
ALL = frozenset(AGENCY)
WORKING = ALL - {"admin"}
ITS_READERS = WORKING - {"foreign"}
OFFICE = frozenset({"chief", "officer"})
MANAGERS = OFFICE | {"admin"}
REGISTER = OFFICE | {"clerk", "director", "deputy", "auditor"}
WATCHERS = OFFICE | {"director", "deputy", "auditor"}
ANYBODY = None
"""No key is asked for."""

READERS = {
    "/": ALL,
    "/sign-in": ANYBODY,
    "/sign-in/code": ANYBODY,
    "/forgot": ANYBODY,
    "/check": ANYBODY,
    "/setup/{setup}": ANYBODY,
    "/together": ALL,
    "/history": {"auditor"},
    "/history.xlsx": {"auditor"},
    "/history.csv": {"auditor"},
    "/history/openings": {"auditor"},
    "/history/as-of": WATCHERS,
    "/history/difference": {"auditor"},
    "/history/patterns": {"auditor"},
    "/rounds": ALL,
    "/rounds/new": OFFICE,
    "/rounds/{round_id}": WATCHERS | {"head"},
    "/rounds/{round_id}/edit": OFFICE,
    "/rounds/{round_id}/documents/{file}": WATCHERS | {"head"},
    "/rounds/{round_id}/papers/{member}": OFFICE | {"director", "head"},
    "/api/v1/council-rounds": ALL,
    "/api/v1/council-rounds/{round_id}": WATCHERS | {"head"},
    "/inspections": ALL,
    "/inspections.xlsx": ALL,
    "/inspections/{inspection}": ITS_READERS,
    "/api/v1/inspections": ALL,
    "/api/v1/inspections/{inspection}": ITS_READERS,
    "/proceedings": WATCHERS,
    "/proceedings/{proceeding}": WATCHERS,
    "/api/v1/proceedings": WATCHERS,
    "/api/v1/proceedings/{proceeding}": WATCHERS,
    "/findings": ALL,
    "/findings/new": {"auditor"},
    "/findings/{finding}": {"auditor", "head"},
    "/api/v1/findings": ALL,
    "/api/v1/findings/{finding}": {"auditor", "head"},
    "/deadlines": ALL,
    "/deadlines/board": ALL,
    "/deadlines/board.xlsx": ALL,
    "/deadlines/board.pdf": ALL,
    "/deadlines/calendar": ALL,
    "/deadlines/backplan": ALL,
    "/deadlines/quality": ALL,
    "/deadlines/new": OFFICE,
    "/deadlines/{deadline_id}": OFFICE,
    "/deadlines/{deadline_id}/remind": OFFICE,
    "/deadlines/{deadline_id}/gather": OFFICE,
    "/deadlines/{deadline_id}/snooze": WORKING,
    "/deadlines/{deadline_id}/extension": {"staff", "head", "foreign"},
    "/campaigns": ALL,
    "/campaigns/new": MANAGERS,
    "/campaigns/{identity}": ALL,
    "/definitions": ALL,
    "/definitions/{kind}": ALL,
    "/definitions/{kind}/changes": {"admin"},
    "/definitions/{kind}/edit": {"admin"},
    "/definitions/{kind}/migrate": {"admin"},
    "/feeds/{feed}.ics": ANYBODY,
    "/help": ALL,
    "/help/{name}": ALL,
    "/items": ALL,
    "/items.xlsx": ALL,
    "/items.csv": ALL,
    "/items/new": ALL,
    "/items/nominees.xlsx": ALL,
    "/items/board": ALL,
    "/items/{code}": ITS_READERS,
    "/items/{code}/edit": ITS_READERS,
    "/items/{code}/decide/{transition_id}": ITS_READERS,
    "/items/{code}/files/{sha256}": ITS_READERS,
    "/items/{code}/print": ITS_READERS,
    "/items/{consolidated}/gathered": WATCHERS | {"clerk"},
    "/items/{sent}/sending": REGISTER,
    "/items/{sent}/sending.edxml": OFFICE | {"clerk"},
    "/items/{code}/documents/{file}": ITS_READERS,
    "/items/{code}/certificate.pdf": ITS_READERS,
    "/items/{code}/proof.tlog-proof": ITS_READERS,
    "/items/{code}/versions": ITS_READERS,
    "/items/{code}/way.svg": ITS_READERS,
    "/items/{code}/as-of": ITS_READERS,
    "/a/{token}": ANYBODY,
    "/a/{token}/files/{sha256}": ANYBODY,
    "/a/{fetch}/package": ANYBODY,
    "/awards": ALL,
    "/awards.xlsx": ALL,
    "/awards/imported": ALL,
    "/awards/imported.xlsx": ALL,
    "/campaigns.xlsx": ALL,
    "/deadlines.xlsx": ALL,
    "/deadlines/quality.xlsx": ALL,
    "/definitions.xlsx": ALL,
    "/dossiers.xlsx": REGISTER,
    "/findings.xlsx": ALL,
    "/history/openings.xlsx": {"auditor"},
    "/privacy.xlsx": WATCHERS,
    "/proceedings.xlsx": WATCHERS,
    "/proposals.xlsx": ALL,
    "/rounds.xlsx": ALL,
    "/standing-in.xlsx": ALL,
    "/awards/imported/template.xlsx": OFFICE,
    "/api/v1/past-awards": ALL,
    "/api/v1/past-awards/{award}": ITS_READERS,
    "/register": REGISTER,
    "/dossiers": REGISTER,
    "/dossiers/{dossier_id}": REGISTER,
    "/dossiers/{dossier_id}/package.zip": REGISTER,
    "/register.xlsx": REGISTER,
    "/register.pdf": REGISTER,
    "/api/v1/register": REGISTER,
    "/api/v1/dossiers": REGISTER,
    "/api/v1/dossiers/{dossier_id}": REGISTER,
    "/api/v1/dossiers/{dossier_id}/package": REGISTER,
    "/awards/statistics": WATCHERS,
    "/awards/statistics.xlsx": WATCHERS,
    "/evaluation": ALL,
    "/evaluation.xlsx": ALL,
    "/merits": ALL,
    "/merits.xlsx": ALL,
    "/merits/{merit}": ITS_READERS,
    "/more": ALL,
    "/office": OFFICE,
    "/office/remind/{worry}": OFFICE,
    "/people": MANAGERS | {"auditor"},
    "/people.csv": MANAGERS | {"auditor"},
    "/people/new": MANAGERS,
    "/people/template.xlsx": MANAGERS,
    "/people/{email}": MANAGERS,
    "/proposals": ALL,
    "/proposals/{proposal}": MANAGERS | {"director", "deputy", "auditor"},
    "/privacy": WATCHERS,
    "/privacy/erase": OFFICE,
    "/privacy/requests/{request}": WATCHERS,
    "/privacy/people/{email}.zip": OFFICE,
    "/account/data": ALL,
    "/account/data.zip": ALL,
    "/reminders.xlsx": WATCHERS,
    "/reminders": WATCHERS,
    "/reminders/{message}": WATCHERS | {"staff"},
    "/security": ALL,
    "/standing-in": ALL,
    "/demo/roles": ANYBODY,
    "/demo/mailbox": ANYBODY,
    "/demo/mailbox/{number}": ANYBODY,
    "/demo/mailbox/{number}/letter": ANYBODY,
    "/healthz/live": ANYBODY,
    "/healthz/ready": ANYBODY,
    "/metrics": ALL,
    "/api/v1/openapi.json": ALL,
    "/api/v1/me": ALL,
    "/api/v1/me/sessions": ALL,
    "/api/v1/me/tokens": ALL,
    "/api/v1/items": ALL,
    "/api/v1/items/{code}": ITS_READERS,
    "/api/v1/items/{code}/transitions": ITS_READERS,
    "/api/v1/items/{code}/history": ITS_READERS,
    "/api/v1/items/{code}/as-of/{instant}": ITS_READERS,
    "/api/v1/items/{code}/attachments": ITS_READERS,
    "/api/v1/items/{code}/signed-copy": ITS_READERS,
    "/api/v1/items/{code}/attachments/{sha256}": ITS_READERS,
    "/api/v1/items/{code}/documents/{file}": ITS_READERS,
    "/api/v1/council-rounds/{round_id}/documents/{file}": WATCHERS | {"head"},
    "/api/v1/merits": ALL,
    "/api/v1/merits/{merit}": ITS_READERS,
    "/api/v1/deadlines": ALL,
    "/api/v1/deadlines/backplan": ALL,
    "/api/v1/items/{consolidated}/gathered": WATCHERS | {"clerk"},
    "/api/v1/deadlines/{deadline_id}": WORKING,
    "/api/v1/deadlines/{deadline_id}/extensions": ALL,
    "/api/v1/reminders": WATCHERS,
    "/api/v1/definitions": ALL,
    "/api/v1/definitions/{kind}": ALL,
    "/api/v1/definitions/{kind}/versions/{version}": ALL,
    "/api/v1/definitions/{kind}/example": ALL,
    "/api/v1/campaigns": ALL,
    "/api/v1/campaigns/{identity}": ALL,
    "/api/v1/departments": ALL,
    "/api/v1/people": MANAGERS | {"auditor"},
    "/api/v1/proposals": ALL,
    "/api/v1/me/data": ALL,
    "/api/v1/people/{email}/data": OFFICE | {"staff"},
    "/api/v1/privacy/requests": ALL,
    "/api/v1/privacy/holds": WATCHERS,
    "/api/v1/privacy/retention": WATCHERS,
    "/api/v1/delegations": ALL,
    "/api/v1/absences": ALL,
    "/api/v1/history": {"auditor"},
    "/api/v1/history/openings": {"auditor"},
    "/api/v1/history/as-of/{instant}": WATCHERS,
    "/api/v1/history/difference": {"auditor"},
    "/api/v1/history/export": {"auditor"},
    "/api/v1/history/proof/{code}": {"auditor"},
    "/api/v1/checkpoints": {"auditor"},
    "/api/v1/checkpoints/proof": {"auditor"},
}
QUERIES = {
    "/together": "code={code}",
    "/privacy/erase": "of=item:{code}",
    "/deadlines/backplan": "type=nomination&on=2022-12-01",
    "/deadlines/{deadline_id}/remind": "department=lanh-su",
    "/items": "q=<b data-evil=1>&state=<b data-evil=1>&columns=author",
    "/items/new": "type=nomination",
    "/items/nominees.xlsx": "type=nomination",
    "/items/{code}": "in=q%3D%3Cb+data-evil%3D1%3E",
    "/items/{code}/as-of": "at=2022-05-04T12:00",
    "/history/as-of": "at=2022-05-04",
    "/history": "code=<b data-evil=1>&verify=1",
    "/findings/new": "entry=item:{code}@1",
    "/history/difference": "entry=item:{code}@1&entry=item:{code}@2",
    "/api/v1/history/difference": "entry=item:{code}@1&entry=item:{code}@2",
    "/history/openings": "code=<b data-evil=1>",
    "/help": "q=<b data-evil=1>",
    "/forgot": "email=<b data-evil=1>",
    "/sign-in": "next=/<b data-evil=1>",
    "/merits": "campaign={identity}",
    "/merits.xlsx": "campaign={identity}",
    "/api/v1/deadlines/backplan": "on=2022-12-01",
    "/api/v1/checkpoints/proof": "from=1&to=1",
    "/definitions/{kind}/migrate": "to={version}",
}
ACTING = "confirm=1&confirm=yes&action=delete&decision=approve_department&delete=1&do=1&done=again&version=2"
"""What would make an address act that acts on being read."""


@pytest.fixture(scope="module")
def world(tmp_path_factory, postgres) -> Iterator[tuple[Running, dict[str, str]]]:
    """Who may read is decided above the database. It is PostgreSQL: much else sees pages on SQLite."""
    url = new_postgres_url(postgres)
    with running_at("127.0.0.1", tmp_path_factory.mktemp("world"), url) as running:
        values = fill(running)
        sealed(running)
        until(lambda: not _unsent(running))
        values |= {
            "kind": "nomination",
            "version": _newest_version(running),
            "transition_id": "approve_department",
            "instant": "2022-05-04T12:00:00Z",
            "number": "1",
            "file": "submission.pdf",
            "setup": "0" * 32,
            "message": _reminding(running),
        }
        yield running, values


def sealed(running: Running) -> None:
    """Everything is under a checkpoint that has left the house: nothing is left to the server."""
    for _ in range(2):  # the first brings an entry of its own
        running.run(running.parts.sealer.checkpoint(CheckpointReason.DEMAND))
    running.run(running.parts.anchors.let_out(running.parts.database))


def _newest_version(running: Running) -> str:
    """Return the version whose labels hold markup."""
    shown = running.client(AGENCY["admin"]).get("/definitions/nomination").json()
    return str(shown["version"])


def _unsent(running: Running) -> int:
    outbox = schema.outbox
    query = select(func.count()).select_from(outbox).where(outbox.c.state.in_(["new", "leased"]))
    with running.parts.engines.write.connect() as connection:
        return int(connection.execute(query).scalar_one())


def _reminding(running: Running) -> str:
    query = (
        select(schema.reminders.c.outbox_id)
        .where(schema.reminders.c.outbox_id.is_not(None))
        .limit(1)
    )
    with running.parts.engines.write.connect() as connection:
        return str(connection.execute(query).scalar_one())


def address_of(path: str, values: dict[str, str]) -> str:
    query = QUERIES.get(path, "").format_map(values)
    return f"{path.format_map(values)}?{query}" if query else path.format_map(values)


def routes() -> Iterator[tuple[str, str]]:
    """Every method and address that the code serves."""
    for package, prefix in ((api.web.pages, ""), (api.v1, "/api/v1")):
        for found in pkgutil.iter_modules(package.__path__):
            module = importlib.import_module(f"{package.__name__}.{found.name}")
            before = "" if found.name in {"health", "metrics"} else prefix
            for route in getattr(getattr(module, "router", None), "routes", ()):
                yield from ((method, before + route.path) for method in route.methods)


def test_every_address_that_is_read_is_in_the_matrix():
    known = {re.sub(r"\{\w+\}", "{}", each) for each in READERS}
    read = {re.sub(r"\{\w+\}", "{}", path) for method, path in routes() if method == "GET"}
    assert len(read) > 80
    assert read - known == set(), "say in READERS who may read it"
    assert known - read == {"/api/v1/openapi.json"}


@pytest.mark.parametrize("role", [*AGENCY, NOBODY])
def test_each_role_reads_what_it_may_and_nothing_else(answers, role):
    wrong = []
    for path, readers in READERS.items():
        status = answers.status[role, path]
        if readers is ANYBODY:
            is_right = status in {200, 303, 410}  # signed in already; a code that is none
        elif role in readers:
            is_right = status == 200
        else:
            is_right = status in ({303, 401} if role == NOBODY else {403, 404})
        if not is_right:
            wrong.append((path, status))
    assert wrong == []


def readable(answer: httpx2.Response) -> str:
    """What stands in an answer: a sheet and a print are read like a page."""
    kind = answer.headers.get("content-type", "")
    if "spreadsheet" in kind:
        book = zipfile.ZipFile(io.BytesIO(answer.content))
        return "".join(
            book.read(name).decode() for name in book.namelist() if name.endswith(".xml")
        )
    if "pdf" in kind:
        return "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    return answer.text


@pytest.mark.parametrize("role", ["foreign", "admin"])
def test_no_list_sheet_or_print_shows_what_belongs_to_another_department(world, role):
    running, values = world
    secret = [
        values["code"],
        values["returned"],
        values["draft"],
        values["merit"] and "data-evil=1&gt; ai",
        "chờ số liệu",
    ]
    seen = {"officer": 0, role: 0}
    for reader in seen:
        with running.browser() as browser:
            browser.post("/demo/sign-in", data={"email": AGENCY[reader]})
            for path in (each for each in READERS if "{code}" not in QUERIES.get(each, "")):
                if READERS[path] is ANYBODY or role not in READERS[path]:
                    continue
                words = readable(browser.get(address_of(path, values)))
                seen[reader] += any(each in words for each in secret)
    assert seen["officer"] > 8, "whoever may sees it in many places"
    assert seen[role] == 0


OF_THE_CLOCK = {"last_tick", "last_reminded", "last_weekly", "holders_refreshed", "tick_failures"}
"""Settings that a tick writes, which may come at any moment."""


BESIDE = {"accesses", "rate_limits", "history_log", "history_log_nodes", "checkpoints"}
"""Tables that grow beside what is asked for: a sealer writes a little after each entry."""


def contents(running: Running) -> dict[str, list[tuple[object, ...]]]:
    """Everything that is stored, but for accesses, limits, seals, and the pulse of clock and sessions."""
    found = {}
    with running.parts.engines.write.connect() as connection:
        for table in schema.metadata.sorted_tables:
            if table.name not in BESIDE:
                kept = [column for column in table.columns if column.name != "seen_at"]
                rows = [tuple(row) for row in connection.execute(select(*kept))]
                found[table.name] = sorted(
                    (each for each in rows if each[0] not in OF_THE_CLOCK), key=repr
                )
    return found


@dataclass
class Answers:
    """What came of asking for every address as everybody, plainly and with what might make it act."""

    status: dict[tuple[str, str], int] = field(default_factory=dict)
    as_text: Counter[str] = field(default_factory=Counter)
    as_markup: list[tuple[str, str]] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def note(self, role: str, path: str, answer: httpx2.Response) -> None:
        """Keep an answer's status, and whether what somebody wrote stands in it as text or as markup."""
        self.status[role, path] = answer.status_code
        kind = answer.headers.get("content-type", "")
        if "html" in kind or "svg" in kind:
            if EVIL in answer.text:
                self.as_markup.append((role, path))
            if answer.status_code == 200:
                page = answer.text.partition("<main")[2] or answer.text
                self.as_text[path] += page.count("&lt;b data-evil")


@pytest.fixture(scope="module")
def answers(world, is_long) -> Answers:
    """Ask once for all tests that judge the answers.

    What might make an address act is asked by those who act most, and by one of the others for whom it is alike.
    """
    running, values = world
    browsers = {role: running.browser() for role in [*AGENCY, NOBODY]}
    for role, email in AGENCY.items():
        browsers[role].post("/demo/sign-in", data={"email": email})
    before, found = contents(running), Answers()
    acting = set(AGENCY) if is_long else {"staff", "officer", "director", "admin"}
    asked: set[tuple[str, int]] = set()
    for role, browser in browsers.items():
        browser.follow_redirects = False
        for path in READERS:
            address = address_of(path, values)
            answer = browser.get(address)
            found.note(role, path, answer)
            if (path, answer.status_code) in asked and not (
                role in acting and answer.status_code == 200
            ):
                continue  # whoever is refused as another was comes no further than they
            asked.add((path, answer.status_code))
            browser.get(f"{address}{'&' if '?' in address else '?'}{ACTING}")
        browser.close()
    after = contents(running)
    assert len(before) > 20
    found.changed = {name for name in before if before[name] != after[name]}
    return found


def test_reading_changes_nothing_whatever_the_address_asks_for(answers):
    assert answers.changed == set()


SILENT = {
    "/awards",
    "/forgot",
    "/history/patterns",
    "/items/{sent}/sending",
    "/office/remind/{worry}",
    "/check",
    "/campaigns/new",
    "/help/{name}",
}
"""Pages that show nothing that anybody wrote (there is no award yet); every other shows some of it, as text."""


def test_nothing_that_anybody_wrote_becomes_markup(answers):
    assert answers.as_markup == []
    silent = {path for path, count in answers.as_text.items() if not count}
    assert sorted(silent) == sorted(SILENT)


MARKUP_OF_OUR_OWN = {
    "help.html": ["task.text | commonmark | safe"],
    "pieces/records.html": ["value | rich | safe"],
    "pieces/definitions.html": ["svg | safe"],
}
"""Where a template prints markup: help that we wrote, rich text whose own markup is escaped, drawings that escape their labels."""


def test_no_template_turns_escaping_off():
    folder = Path(rendering.__file__).parent / "templates"
    templates = sorted(folder.rglob("*.html"))
    assert len(templates) > 40
    for path in templates:
        text = path.read_text("utf-8")
        assert "autoescape" not in text, path
        assert re.findall(r"\{\{ ([^}]*\bsafe\b[^}]*?) \}\}", text) == MARKUP_OF_OUR_OWN.get(
            path.relative_to(folder).as_posix(), []
        ), path
    assert environment.templates().autoescape is True
