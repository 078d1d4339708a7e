"""Every command is safe to give again: with its id, and where the answer of its commit was lost."""

import hashlib
import secrets
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import event, inspect, text

from api.auth.account_undo import UndoAccountChange
from api.auth.credentials import PutSecret
from api.clock import RunningClock
from api.composition import open_application
from api.initialise import SAMPLE, initialise
from api.v1.definitions import example_of
from tests.conftest import STARTS_AT, separate_roles
from workflow import commands as core
from workflow.command import Cause
from workflow.commands import merits, people, round_terms, seal_log
from workflow.commands.absences import EndAbsence
from workflow.commands.answer_dossier import ChosenItem
from workflow.commands.change_calendar import ChangeCalendar
from workflow.commands.deadlines import OwedReport
from workflow.commands.delegations import EndDelegation
from workflow.commands.findings import NoteFinding, OpenFinding
from workflow.commands.keep_calendar import KeepCalendar
from workflow.commands.proceedings import AskedEnd
from workflow.commands.report_misdirected_link import DisownLink
from workflow.commands.seal_log import KeepCheckpoint, SealEntries
from workflow.commands.send_dossier import NamedItem
from workflow.deadlines import DEFAULT_LADDER, Roll
from workflow.errors import InvalidInputError, Refusal, ThiduaError
from workflow.lookups.calendar_changes import CalendarDay
from workflow.lookups.deadline_terms import DeadlineTerms
from workflow.model import DepartmentId, Method, RequestKind, RequestState, StoredFile, Via
from workflow.people import Scope
from workflow.people.staff_rows import PersonRow
from workflow.rules import PastAwardRow
from workflow.rules.erasing import Wanted
from workflow.store import definitions, items, recipient_links
from workflow.store import people as stored_people
from workflow.store.account_changes import live_changes
from workflow.store.past_awards import past_awards_page

STAFF, HEAD, DEPUTY = "staff.htqt", "head.htqt", "deputy.htqt"
DEPARTMENT = DepartmentId("hop-tac-quoc-te")


class World:
    """A product on PostgreSQL, under the server's own role, and a few acts that bring it where a command is possible."""

    def __init__(self, parts):
        self.parts = parts
        self.write = parts.database.write_blocking
        self.tables = inspect(parts.engines.read).get_table_names()
        everyone = parts.database.report_blocking(stored_people.all_people)
        self.ids = {each.email.partition("@")[0]: each.id for each in everyone}
        found = parts.database.report_blocking(definitions.all_campaigns)
        self.campaign = found[0][0]
        self.count = 0

    def cause(self, who):
        self.count += 1
        return Cause(
            actor=self.ids[who] if who else None,
            via=Via.API if who else Via.CLI,
            method=Method.TOKEN if who else Method.NONE,
            command_id=f"c{secrets.token_hex(8)}",
            digest=f"d{self.count}",
        )

    def draft(self):
        newest = self.parts.database.report_blocking(self.parts.context.rulebooks.newest)
        body = example_of(newest["nomination"].definition, self.campaign)
        return core.CreateItem(
            cause=self.cause(STAFF),
            type="nomination",
            campaign=self.campaign,
            department=None,
            title=body["title"],
            fields=body["fields"],
        )

    def decision(self, code, transition, who, version):
        return core.Decide(cause=self.cause(who), code=code, transition=transition, version=version)

    def submitted(self):
        code = self.write(self.draft()).code
        self.write(self.decision(code, "submit", STAFF, 1))
        return code

    def awarded(self):
        return self.led(6)

    def signed(self):
        return self.led(3)

    def answer(self):
        code = self.led(4)
        item = self.parts.database.report_blocking(lambda each: items.find_item(each, code))
        (link,) = self.parts.database.report_blocking(
            lambda each: recipient_links.links_of(each, item.id)
        )
        cause = replace(self.cause(None), via=Via.LINK, method=Method.LINK)
        chosen = (ChosenItem(code=code, version=item.version),)
        return core.AnswerDossier(
            cause=cause, link=link.id, transition="acknowledge", chosen=chosen
        )

    def led(self, steps):
        code = self.submitted()
        way = (
            ("approve_department", HEAD),
            ("review_office", "officer"),
            ("sign_director", "director"),
            ("send_to_board", "clerk"),
            ("acknowledge", "clerk"),
            ("record_award", "clerk"),
        )
        for version, (transition, who) in enumerate(way[:steps], 2):
            self.write(self.decision(code, transition, who, version).proven_by(Method.PIN))
        return code

    def today(self):
        return self.parts.context.calendar.local_day(self.parts.clock.now()).isoformat()

    def deadline(self):
        day = 10 + self.count
        due_at = STARTS_AT + timedelta(days=day)
        terms = DeadlineTerms(
            campaign=self.campaign,
            kind=f"k{self.count}",
            departments=(DEPARTMENT,),
            due_at=due_at,
            roll=Roll.NEXT,
            ladder=DEFAULT_LADDER,
            name=f"Báo cáo {self.count}",
        )
        return core.SetDeadline(cause=self.cause("officer"), terms=terms, confirm=True)

    def gathering(self):
        """Gather the one report that was handed in for a deadline of its own."""
        setting = self.deadline()
        deadline = self.write(setting)
        newest = self.parts.database.report_blocking(self.parts.context.rulebooks.newest)
        body = example_of(newest["department_report"].definition, self.campaign)
        fields = {**body["fields"], "period": setting.terms.kind}
        draft = replace(self.draft(), type="department_report", fields=fields)
        code = self.write(draft).code
        self.write(self.decision(code, "submit", STAFF, 1))
        self.write(self.decision(code, "approve_department", HEAD, 2))
        return core.GatherReports(cause=self.cause("officer"), deadline=deadline)

    def inspection(self):
        return core.PlanInspection(
            cause=self.cause("officer"),
            campaign=self.campaign,
            department=DEPARTMENT,
            on_day=date(2022, 6, 10),
            inspectors=("officer@so.example",),
            about="Phổ biến Kế hoạch",
        )

    def proceeding(self):
        return core.OpenProceeding(
            cause=self.cause("officer"),
            kind="inspection",
            since=date(2022, 5, 1),
            document="Quyết định 1/QĐ-TTr",
            document_on=date(2022, 5, 1),
            department="quan-ly-bien-gioi",
        )

    def proceeding_end(self):
        return core.CloseProceeding(
            cause=self.cause("officer"),
            proceeding=self.write(self.proceeding()),
            ending=AskedEnd(
                outcome="cleared",
                ended_on=date(2022, 5, 2),
                document="Kết luận 2/KL-TTr",
                document_on=date(2022, 5, 2),
            ),
        )

    def past_awards(self):
        self.count += 1
        row = PastAwardRow(
            row=1,
            nominee="Phòng Lãnh sự",
            kind="collective",
            award="tt_ldtt",
            number=f"{self.count}/QĐ-SNgV",
            decided_on="2019-12-20",
        )
        return core.ImportAwards(cause=self.cause("officer"), rows=(row,))

    def awardee(self):
        row = self.row()
        given = self.past_awards().rows[0]
        given = replace(given, nominee=row.name, kind="individual", award="ldtt")
        self.write(core.ImportAwards(cause=self.cause(None), rows=(given,)))
        newest = self.newest_award()
        person = self.write(people.AddPerson(cause=self.cause("admin"), row=row))
        why = "Cùng năm sinh"
        return core.NameAwardee(cause=self.cause("officer"), award=newest, person=person, why=why)

    def past_award(self):
        self.write(replace(self.past_awards(), cause=self.cause(None)))
        return self.newest_award()

    def newest_award(self):
        everything = Scope(is_everything=True, department=None)
        (newest,) = self.parts.database.report_blocking(
            lambda each: past_awards_page(each, everything, before=None, count=1)
        )
        return newest.id

    def merit(self):
        return merits.RecordMerit(
            cause=self.cause(STAFF),
            campaign=self.campaign,
            recognition="good_deed",
            whose_kind="individual",
            whose="Cán bộ A",
            what="Việc tốt",
            story="",
            happened_on="2022-05-03",
        )

    def finding(self):
        return OpenFinding(
            cause=self.cause("auditor"),
            about=f"item:{self.submitted()}",
            entry=2,
            title="Cần làm rõ",
            words="Vì sao?",
            addressee=f"{HEAD}@so.example",
        )

    def absence(self):
        return core.RecordAbsence(
            cause=self.cause("officer"),
            email=f"{STAFF}@so.example",
            stand_in=None,
            starts_on="2022-05-05",
            ends_on="2022-05-09",
        )

    def delegation(self):
        return core.Delegate(
            cause=replace(self.cause(HEAD), method=Method.PIN),
            from_email=f"{HEAD}@so.example",
            to_email=f"{DEPUTY}@so.example",
            starts_on="2022-05-04",
            ends_on="2022-05-09",
            document="12/QĐ",
        )

    def approved(self):
        code = self.submitted()
        self.write(self.decision(code, "approve_department", HEAD, 2))
        return code

    def asked(self):
        ask = LINES[core.AskOpinion](self)
        self.write(ask)
        return ask.code

    def extension(self):
        deadline = self.write(self.deadline())
        return core.AskExtension(
            cause=self.cause(STAFF),
            deadline=deadline,
            department=DEPARTMENT,
            wanted_at=STARTS_AT + timedelta(days=30 + self.count),  # after it is due, always
            why="Cần thêm số liệu",
        )

    def row(self):
        self.count += 1
        return PersonRow(
            row=0,
            email=f"moi{self.count}@so.example",
            name=f"Người mới {self.count}",
            position="staff",
            department=DEPARTMENT,
        )

    def added(self):
        return self.write(people.AddPerson(cause=self.cause("admin"), row=self.row()))

    def proposal(self):
        head = replace(self.row(), position="head")
        return self.write(people.AddPerson(cause=self.cause("officer"), row=head)).id

    def changed(self):
        person, pin = self.ids[HEAD], secrets.token_hex(16)
        self.write(PutSecret(person=person, name="pin_hash", value=pin))
        read = self.parts.database.report_blocking
        return read(lambda each: live_changes(each, person, STARTS_AT))[-1].id

    def newcomer(self):
        name = f"n{self.count}"
        self.ids[name] = self.added()
        return name

    def commented(self):
        code = self.write(self.draft()).code
        self.write(core.Comment(cause=self.cause(STAFF), code=code, words="Một ý kiến"))
        return code

    def left(self):
        person, row = self.added(), replace(self.row(), is_active=False)
        self.write(people.ChangePerson(cause=self.cause("admin"), person=person, row=row))
        return person

    def hold(self):
        about = f"item:{self.write(self.draft()).code}"
        return core.PlaceHold(cause=self.cause("officer"), about=about, why="Thanh tra")

    def request(self):
        return core.RecordRequest(
            cause=self.cause(STAFF), kind=RequestKind.ACCESS, words="Cho tôi xem dữ liệu"
        )

    def reviewed(self):
        """A nomination that waits for the council."""
        draft = self.draft()
        fields = {**draft.fields, "procedure": "council"}
        code = self.write(replace(draft, fields=fields)).code
        steps = (("submit", STAFF), ("approve_department", HEAD), ("review_office", "officer"))
        for version, (transition, who) in enumerate(steps, 1):
            self.write(self.decision(code, transition, who, version))
        return code

    def round(self):
        self.case = self.reviewed()
        members = (
            round_terms.NamedSeat(email="director@so.example", role="chair"),
            round_terms.NamedSeat(email="chief@so.example", role="secretary"),
            round_terms.NamedSeat(email=f"{HEAD}@so.example"),
        )
        terms = round_terms.RoundTerms(
            campaign=self.campaign,
            title="Đợt xét",
            held_on="2022-05-20",
            members=members,
            cases=(round_terms.NamedCase(code=self.case),),
        )
        return core.PrepareRound(cause=self.cause("officer"), terms=terms, invites=True)

    def voting(self):
        number = self.write(self.round())
        opening = [
            core.OpenVote(cause=self.cause(who), round=number) for who in ("director", "chief")
        ]
        self.box = tuple(self.write(each).code for each in opening)
        return number

    def paper(self, number, who="director"):
        cause = replace(self.cause(who), digest="")
        return core.CastVote(cause=cause, round=number, run=1, choices={self.case: "agree"})

    def counted(self):
        number = self.voting()
        for who in ("director", "chief", HEAD):
            self.write(self.paper(number, who))
        cause = self.cause("officer")
        return self.write(core.CountVote(cause=cause, round=number, codes=self.box))

    def challenged(self):
        self.number = self.counted()
        words = core.ChallengeCount(cause=self.cause(HEAD), round=self.number, words="Đếm lại")
        return self.write(words)

    def department(self):
        self.count += 1
        identity = DepartmentId(f"phong-{self.count}")
        return core.AddDepartment(cause=self.cause("admin"), id=identity, name=f"Phòng {identity}")

    def rows(self, but=()):
        """Return what each table holds, as a digest of its rows; ``but``: columns left out."""
        query = " UNION ALL ".join(digest_of(name, but) for name in self.tables)
        with self.parts.engines.read.connect() as connection:
            return set(connection.execute(text(query)).all())


def digest_of(name, but):
    """SQL for the name of a table, how many rows it has and a sum of their hashes."""
    left_out = "".join(
        f" - '{each.partition('.')[2]}'" for each in but if each.startswith(f"{name}.")
    )
    row = f"(to_jsonb(each){left_out})::text" if left_out else "each::text"
    return f"SELECT '{name}', count(*), sum(hashtextextended({row}, 0)) FROM {name} AS each"


def _counting(world):
    number = world.voting()
    for who in ("director", "chief"):
        world.write(world.paper(number, who))
    return core.CountVote(cause=world.cause("officer"), round=number, codes=world.box)


SCANNED = b"%PDF scan"
SCAN = StoredFile(
    sha256=hashlib.sha256(SCANNED).hexdigest(),
    name="a.pdf",
    size=len(SCANNED),
    media_type="application/pdf",
)
LINES = {
    core.CreateItem: World.draft,
    core.EditItem: lambda w: core.EditItem(
        cause=w.cause(STAFF), code=w.write(w.draft()).code, version=1, title="Tên khác"
    ),
    core.Decide: lambda w: w.decision(w.submitted(), "approve_department", HEAD, 2),
    core.Undo: lambda w: core.Undo(cause=w.cause(HEAD), code=w.approved()),
    core.Recuse: lambda w: core.Recuse(cause=w.cause(HEAD), code=w.submitted(), why="Liên quan"),
    core.Reassign: lambda w: core.Reassign(
        cause=w.cause("officer"),
        code=w.submitted(),
        from_=f"{HEAD}@so.example",
        to=f"{DEPUTY}@so.example",
        why="Đi công tác",
    ),
    core.AskOpinion: lambda w: core.AskOpinion(
        cause=w.cause(HEAD), code=w.submitted(), of="clerk@so.example", question="Thế nào?"
    ),
    core.GiveOpinion: lambda w: core.GiveOpinion(
        cause=w.cause("clerk"), code=w.asked(), words="Đồng ý"
    ),
    core.Comment: lambda w: core.Comment(cause=w.cause(HEAD), code=w.submitted(), words="Tốt"),
    core.WithdrawAward: lambda w: core.WithdrawAward(
        cause=w.cause("officer"),
        code=w.awarded(),
        number=w.write(replace(LINES[core.RegisterDocument](w), kind="QĐ")).number,
        decided_on=w.today(),
        why="Kê khai sai",
    ),
    core.SetDeadline: World.deadline,
    core.GatherReports: World.gathering,
    core.OpenProceeding: World.proceeding,
    core.CloseProceeding: World.proceeding_end,
    core.CorrectProceeding: lambda w: core.CorrectProceeding(
        cause=w.cause("officer"),
        proceeding=w.write(w.proceeding_end()),
        ending=None,
        why="Ghi nhầm hồ sơ",
    ),
    core.ImportAwards: World.past_awards,
    core.NameAwardee: World.awardee,
    core.WithdrawPastAward: lambda w: core.WithdrawPastAward(
        cause=w.cause("officer"), award=w.past_award(), why="Nhập nhầm"
    ),
    core.AddSignedCopy: lambda w: core.AddSignedCopy(
        cause=w.cause("clerk"), code=w.signed(), form="paper", file=SCAN
    ),
    core.SendDossier: lambda w: core.SendDossier(
        cause=w.cause("clerk"),
        items=tuple(NamedItem(code=w.signed(), version=5) for _ in range(2)),
    ),
    core.AnswerDossier: World.answer,
    core.AmendSending: lambda w: core.AmendSending(
        cause=w.cause("clerk"), code=w.led(4), how="recall", why="Sai nơi nhận"
    ),
    core.RecordDelivery: lambda w: core.RecordDelivery(
        cause=w.cause("clerk"), code=w.led(4), reference="EB1", delivered_on=w.today()
    ),
    core.RevokeRecipientLink: lambda w: core.RevokeRecipientLink(
        cause=w.cause("clerk"), code=w.led(4)
    ),
    core.RegisterDocument: lambda w: core.RegisterDocument(
        cause=w.cause("clerk"),
        kind="KH",
        about="Kế hoạch thi đua",
        signer="Giám đốc Sở",
        recipients="Các phòng",
    ),
    core.PlanInspection: World.inspection,
    core.RecordInspection: lambda w: core.RecordInspection(
        cause=w.cause("officer"),
        inspection=w.write(w.inspection()),
        words="Chưa đủ",
        to_mend="Bổ sung",
        mend_by=date(2022, 6, 20),
    ),
    core.EndInspection: lambda w: core.EndInspection(
        cause=w.cause("officer"),
        inspection=w.write(w.inspection()),
        outcome="cancelled",
        words="Thôi",
    ),
    core.AskExtension: World.extension,
    core.DecideExtension: lambda w: core.DecideExtension(
        cause=w.cause("officer"), extension=w.write(w.extension()), is_granted=True, answer=""
    ),
    core.RemindNow: lambda w: core.RemindNow(
        cause=w.cause("officer"),
        deadline=w.write(w.deadline()),
        department=DEPARTMENT,
        message="Đề nghị nộp báo cáo",
    ),
    core.RemindGroup: lambda w: core.RemindGroup(
        cause=w.cause("officer"),
        reports=tuple(
            OwedReport(deadline=w.write(w.deadline()), department=DEPARTMENT) for _ in range(2)
        ),
        message="Đề nghị nộp báo cáo",
    ),
    core.RecordMerit: World.merit,
    core.NoteMerit: lambda w: core.NoteMerit(
        cause=w.cause("officer"), merit=w.write(w.merit()), standing="followed", words="Tốt"
    ),
    core.NominateMerit: lambda w: core.NominateMerit(
        cause=w.cause(STAFF), merit=w.write(w.merit()), code=w.write(w.draft()).code
    ),
    core.RecordAbsence: World.absence,
    EndAbsence: lambda w: EndAbsence(cause=w.cause("officer"), absence=w.write(w.absence())),
    EndDelegation: lambda w: EndDelegation(
        cause=w.cause("officer"), delegation=w.write(w.delegation())
    ),
    core.ConfirmProposal: lambda w: core.ConfirmProposal(
        cause=replace(w.cause("director"), method=Method.PIN), proposal=w.proposal()
    ),
    core.RejectProposal: lambda w: core.RejectProposal(
        cause=w.cause("director"), proposal=w.proposal(), comment="Chưa có quyết định"
    ),
    core.Delegate: World.delegation,
    core.ImportPeople: lambda w: core.ImportPeople(
        cause=w.cause("admin"), rows=(w.row(), w.row()), invites=True
    ),
    people.AddPerson: lambda w: people.AddPerson(cause=w.cause("admin"), row=w.row()),
    people.ChangePerson: lambda w: people.ChangePerson(
        cause=w.cause("admin"), person=w.added(), row=w.row()
    ),
    core.ChangeAddress: lambda w: core.ChangeAddress(
        cause=w.cause("admin"), person=w.added(), email=w.row().email
    ),
    core.AddDepartment: World.department,
    core.RenameDepartment: lambda w: core.RenameDepartment(
        cause=w.cause("admin"), id=w.write(w.department()), name=f"Phòng mới {w.count}"
    ),
    core.EraseText: lambda w: core.EraseText(
        cause=w.cause(None), code=w.commented(), wanted=Wanted(entries=(2,)), why="Xin xóa"
    ),
    core.EraseNote: lambda w: core.EraseNote(
        cause=w.cause(None), subject=f"merit:{w.write(w.merit())}", why="Xin xóa"
    ),
    core.ErasePerson: lambda w: core.ErasePerson(
        cause=w.cause(None), person=w.left(), why="Xin xóa"
    ),
    core.PlaceHold: World.hold,
    core.LiftHold: lambda w: core.LiftHold(
        cause=w.cause("officer"), hold=w.write(w.hold()), why="Đã kết luận"
    ),
    core.RecordRequest: World.request,
    core.AnswerRequest: lambda w: core.AnswerRequest(
        cause=w.cause("officer"),
        request=w.write(w.request()),
        state=RequestState.GRANTED,
        answer="Đã cung cấp",
    ),
    core.ReadPlan: lambda w: core.ReadPlan(cause=w.cause(w.newcomer()), campaign=w.campaign),
    core.ResendLink: lambda w: core.ResendLink(cause=w.cause(HEAD), code=w.submitted()),
    OpenFinding: World.finding,
    NoteFinding: lambda w: NoteFinding(
        cause=w.cause("auditor"), finding=w.write(w.finding()), words="Đã xem", closes=True
    ),
    ChangeCalendar: lambda w: ChangeCalendar(
        cause=w.cause("officer"),
        set=CalendarDay(
            day=date(2022, 9, 2), working=True, notice=f"{secrets.token_hex(4)}/VPCP-KGVX"
        ),
    ),
    core.PrepareRound: World.round,
    core.ChangeMembers: lambda w: core.ChangeMembers(
        round=w.voting(),
        cause=w.cause("officer"),
        members=(
            round_terms.NamedSeat(email="director@so.example", role="chair"),
            round_terms.NamedSeat(email="chief@so.example", role="secretary"),
            round_terms.NamedSeat(email=f"{HEAD}@so.example", attendance="absent"),
        ),
    ),
    core.OpenVote: lambda w: core.OpenVote(round=w.write(w.round()), cause=w.cause("director")),
    core.CastVote: lambda w: w.paper(w.voting()),
    core.CountVote: _counting,
    core.RecountVote: lambda w: core.RecountVote(round=w.counted(), cause=w.cause("officer")),
    core.ChallengeCount: lambda w: core.ChallengeCount(
        round=w.counted(), cause=w.cause(HEAD), words="Đếm lại"
    ),
    core.AnswerChallenge: lambda w: core.AnswerChallenge(
        challenge=w.challenged(), round=w.number, cause=w.cause("officer"), words="Đã xem"
    ),
    core.CloseRound: lambda w: core.CloseRound(round=w.counted(), cause=w.cause("director")),
    core.CancelRound: lambda w: core.CancelRound(
        round=w.voting(), cause=w.cause("officer"), words="Hoãn"
    ),
    DisownLink: lambda w: DisownLink(cause=w.cause(HEAD), code=w.submitted()),
}
"""One line for each command of people that leaves an entry or a mail."""

BESIDE = {
    UndoAccountChange: lambda w: UndoAccountChange(
        cause=replace(w.cause(HEAD), via=Via.LINK, method=Method.LINK), change=w.changed()
    )
}
"""Those that are no commands of the core."""


MAY_DIFFER = {core.ResendLink: ("outbox.next_at", "outbox.scheduled_at")}
"""A letter that has not left yet leaves at once whenever a fresh link is asked for: no second one."""

OTHERS = {
    core.DecideNominee: "who was decided on waits no more: test_proceedings asks twice",
    core.FireTimer: "its id is the stay's: test_timers fires it twice",
    core.RefreshHolders: "nothing to do where today was refreshed: test_absences",
    core.SetUp: "safe to run again: test_founding_again",
    core.MigrateItem: "0 where the item is there already: test_migrating",
    core.MigrateItems: "waits as a proposal, found by its id: test_proposals",
    core.ApplyRetention: "what is gone is past no period again: test_privacy",
    core.PublishDefinition: "the same text answers its version: test_editing",
    core.LaunchCampaign: "the same plan answers its id: test_campaigns",
    KeepCalendar: "one that is recorded is recorded once: test_tampering",
    SealEntries: "goes on behind the last place: test_sealing",
    KeepCheckpoint: "one of its size is kept once: test_sealing",
    core.UrgeItems: "nothing is late here: test_watching gives it twice",
    core.SnoozeReminders: "found by its id: test_series_and_snoozes",
    seal_log.SealEntries: "what has a place keeps it: test_sealing",
    seal_log.KeepCheckpoint: "one of its size is there: test_sealing",
    seal_log.KeepTimestamp: "a checkpoint has one: test_timestamps",
}


@pytest.fixture(scope="module")
def world(postgres, tmp_path_factory):
    given = separate_roles(postgres, tmp_path_factory.mktemp("commands"))
    clock = RunningClock(STARTS_AT)
    initialise(given, organization=given.definitions / SAMPLE, clock=clock)
    parts = open_application(given, clock=clock)
    parts.database.write_blocking(core.RefreshHolders())  # from here on the committer is connected
    yield World(parts)
    parts.close()


def test_every_command_of_the_core_has_its_line():
    assert {*LINES, *OTHERS} == {*core.USE_CASES}


@contextmanager
def losing_the_next_answer(world):
    """Let the next commit be kept and its answer be lost."""
    cuts = [1]

    def lose_the_answer(connection):
        if cuts:
            cuts.pop()
            driver = connection.connection.driver_connection
            driver.commit()
            driver.close()

    engine = world.parts.engines.write
    event.listen(engine, "commit", lose_the_answer)
    try:
        yield
    finally:
        event.remove(engine, "commit", lose_the_answer)
    assert not cuts


@pytest.mark.parametrize("is_lost", [False, True], ids=["twice", "answer lost"])
@pytest.mark.parametrize("kind", {**LINES, **BESIDE}, ids=lambda kind: kind.__name__)
def test_a_command_given_again_has_the_same_outcome_and_writes_nothing(world, kind, is_lost):
    command = {**LINES, **BESIDE}[kind](world)
    with losing_the_next_answer(world) if is_lost else nullcontext():
        first = world.write(command)
    but = MAY_DIFFER.get(kind, ())
    before = world.rows(but)
    assert same(world.write(command)) == same(first)
    assert world.rows(but) == before


def same(outcome):
    """Whether an answer is a replay, and what was read along for the answer, is no part of it."""
    if isinstance(outcome, core.OpenedVote | core.VoteRecorded):
        return outcome.round  # the rest is said once
    if hasattr(outcome, "is_replay"):
        return replace(outcome, is_replay=False)
    return replace(outcome, after=None) if hasattr(outcome, "after") else outcome


@pytest.mark.parametrize("kind", LINES, ids=lambda kind: kind.__name__)
def test_what_is_asked_a_second_time_is_done_or_refused_in_words_and_by_no_guard(world, kind):
    """Another command with the same wish: whoever sends it hears a sentence, never that the database refused."""
    command = LINES[kind](world)
    world.write(command)
    anew = replace(command, cause=replace(command.cause, command_id=f"c{secrets.token_hex(8)}"))
    with suppress(Refusal, InvalidInputError):
        world.write(anew)


FAR = date(2122, 12, 31)
WRONG = {
    str: ("", "\x00", "x" * 100_000, "2122-12-31"),
    int: (0, 2**40),
    date: (FAR, date(1999, 1, 1)),
    datetime: (datetime.combine(FAR, time(), UTC),),
    tuple: ((),),
}


def wrong_in(command):
    """Return what is wrong in each refusable variant of a command: one of its fields at a time."""
    return [
        {each.name: wrong}
        for each in fields(command)
        for wrong in WRONG.get(type(getattr(command, each.name)), ())
    ]


@pytest.mark.parametrize("kind", LINES, ids=lambda kind: kind.__name__)
def test_a_refused_command_leaves_no_row(world, kind):
    """Handlers judge before they write; what one refuses later is taken back."""
    command = LINES[kind](world)
    before = world.rows()
    strangers = [{"cause": world.cause(who)} for who in ("auditor", STAFF, "clerk")]
    for wrong in (*strangers, *wrong_in(command)):
        cause = replace(command.cause, command_id=f"c{secrets.token_hex(8)}")
        with suppress(ThiduaError, ValueError, TypeError):
            world.write(replace(command, **{"cause": cause, **wrong}))
            command = LINES[kind](world)  # it was right, and is done
            before = world.rows()
    assert world.rows() == before
