"""What no history tells of may run again too: sessions, tokens, codes, secrets, mail, one's own."""

import secrets

import pytest

from api.auth.credentials import PutSecret
from api.auth.factor_attempts import CountFactorAttempt, TellOfLock
from api.auth.factor_entries import BY_COMMAND_LINE
from api.auth.passkey_records import AddPasskey, DropPasskey
from api.auth.passwords import hash_secret_blocking
from api.auth.rate_limits import GiveBackAttempt
from api.auth.sessions import (
    EndSessions,
    OpenSession,
    PostponeSessions,
    SeeSession,
    fingerprint,
)
from api.auth.setup_codes import IssueCode, SetFirstFactor, SetPassword
from api.auth.tokens import CreateToken, RevokeToken, UseToken, new_token
from api.web.calendar_feeds import RenewFeed, SealFeeds
from api.web.saved_views import SaveView
from notifications.code_issuer import CodeIssuer
from notifications.preferences import Prefer
from tests.conftest import STARTS_AT
from tests.faults.test_every_command import HEAD, losing_the_next_answer, world
from workflow.command import Upkeep
from workflow.commands.people import ImportPeople
from workflow.links import Keys
from workflow.people.staff_rows import PersonRow
from workflow.store import people

__all__ = ["world"]

ONCE = {
    AddPasskey: "a code adds one passkey, and the same one twice is refused",
    PostponeSessions: "the demo's clock: twice would be too late",
    GiveBackAttempt: "twice would give back another's; what was right goes on without",
}


def session(world):
    return OpenSession(person=world.ids[HEAD], id_hash=fingerprint(secrets.token_hex(16)))


def opened(world):
    command = session(world)
    world.write(command)
    return command.id_hash


def token(world):
    return new_token(world.ids[HEAD], STARTS_AT.replace(year=2024), by=BY_COMMAND_LINE)[1]


def made(world):
    command = token(world)
    world.write(command)
    return command.id


def code(world, person=None, purpose="admin"):
    return IssueCode(person=person or world.ids[HEAD], purpose=purpose, seed=secrets.token_hex(8))


def live_code(world, *of):
    """Return a code as it is read from what was printed."""
    issuer = CodeIssuer(
        keys=Keys(deployment=world.parts.keys.deployment, by_kid=world.parts.settings.keys),
        clock=world.parts.context.clock,
    )
    printed = world.write(code(world, *of))
    return world.parts.database.report_blocking(lambda each: issuer.read(each, printed))


def first_factor(world):
    """Set the first factor of an administrator who has none."""
    who = f"admin.{secrets.token_hex(4)}"
    email = f"{who}@so.example"
    row = PersonRow(row=1, email=email, name="Quản trị viên", position="admin", department=None)
    command = ImportPeople(rows=(row,), cause=world.cause(None), invites=False)
    world.write(command)
    person = world.parts.database.report_blocking(lambda each: people.person_by_email(each, email))
    chosen = hash_secret_blocking("730519")
    return SetFirstFactor(code=live_code(world, person.id, "factor"), name="pin_hash", value=chosen)


def locked(world):
    for _ in range(5):
        world.write(CountFactorAttempt(person=world.ids[HEAD]))
    return world.ids[HEAD]


LINES = {
    OpenSession: session,
    SeeSession: lambda w: SeeSession(id_hash=opened(w)),
    EndSessions: lambda w: EndSessions(id_hash=opened(w)),
    CreateToken: token,
    RevokeToken: lambda w: RevokeToken(id=made(w), by=BY_COMMAND_LINE),
    IssueCode: code,
    SetPassword: lambda w: SetPassword(
        code=live_code(w), password_hash=hash_secret_blocking("mật khẩu")
    ),
    UseToken: lambda w: UseToken(id=made(w)),
    SetFirstFactor: first_factor,
    PutSecret: lambda w: PutSecret(
        person=w.ids[HEAD], name="password_hash", value=hash_secret_blocking("mật khẩu")
    ),
    TellOfLock: lambda w: TellOfLock(person=locked(w)),
    DropPasskey: lambda w: DropPasskey(person=w.ids[HEAD], passkey=1),
    RenewFeed: lambda w: RenewFeed(
        person=w.ids[HEAD], token_hash=secrets.token_hex(32), by=BY_COMMAND_LINE
    ),
    SealFeeds: lambda _: SealFeeds(),
    SaveView: lambda w: SaveView(person=w.ids[HEAD], name="Của tôi", query="state=submitted"),
    Prefer: lambda w: Prefer(person=w.ids[HEAD], name="language", value="en"),
}
MAY_DIFFER = (
    "sessions.seen_at",
    "api_tokens.seen_at",
    "setup_codes.expires_at",
    "saved_views.id",
)
"""When it was last done, and how long it is good for from then on."""


def kinds(kind=Upkeep):
    for each in kind.__subclasses__():
        yield each
        yield from kinds(each)


def test_each_may_run_again_but_for_those_that_say_why_not():
    found = {
        f"{each.__module__}.{each.__name__}": each.is_repeatable
        for each in kinds()
        if each.__module__.startswith(("api", "notifications", "workflow"))
    }
    assert len(found) > 30
    named = {f"{each.__module__}.{each.__name__}" for each in ONCE}
    assert {name for name, may_run_again in found.items() if may_run_again is not True} == named


@pytest.mark.parametrize("kind", LINES, ids=lambda kind: kind.__name__)
def test_with_its_answer_lost_it_answers_the_same_and_leaves_the_same(world, kind):
    command = LINES[kind](world)
    with losing_the_next_answer(world):
        first = world.write(command)
    assert first is not False, "what was done is not told as refused"
    before = world.rows(MAY_DIFFER)
    assert world.write(command) == first
    assert world.rows(MAY_DIFFER) == before
