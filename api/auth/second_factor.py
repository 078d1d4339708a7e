"""The second factor of a decision, and the one flow of it: plan, prove, write once.

Whoever asks (page, link, API, list) goes this way. The plan says everything at once, so nothing is
planned twice to learn what else is wrong. The order of the two answers is part of the interface: by
API the factor is judged before the content; people hear first what is missing, so that nobody
spends an attempt on what would be refused anyway.

    no factor given   one write; its refusal says that a factor is needed (nothing was written)
    a factor given    plan (read) → count the attempt, judge it → write once

An attempt is counted in a transaction of its own before it is judged: a crash after it leaves an
attempt spent and nothing decided. A crash after the proof leaves the counter cleared and nothing
decided; the person sends again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from starlette.datastructures import FormData

from api.auth.passkey_challenges import PasskeyRequest, RelyingParty, subject_of
from api.auth.passkey_records import passkeys_of
from api.auth.passkeys import prove_passkey, to_sign
from api.auth.passwords import TypedCode, prove_factor
from api.composition import Application
from workflow.command import AnyCommand, Command, Outcome
from workflow.commands.decide import Decide, Judgement, judge
from workflow.errors import InvalidRefusal, Refusal, SecondFactorRefusal
from workflow.model import Item, Method, PersonId, Via
from workflow.rules import missing_factor
from workflow.rules.outcomes import Decided

NEVER_SHOWN_AGAIN = frozenset({"pin", "totp", "passkey"})
"""Fields of a form that do not come back with what else was typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFactor:
    """What somebody gave to prove who they are.

    A PIN, the code of an app, or a passkey's signature.
    """

    pin: str | None = None
    totp: str | None = None
    passkey: str | None = None

    @property
    def is_missing(self) -> bool:
        """Return whether nothing was given."""
        return self.pin is None and self.totp is None and self.passkey is None


def factor_in(form: FormData) -> GivenFactor:
    """Return the factor that a form brings; an empty field is none."""
    return GivenFactor(**{name: str(form.get(name) or "") or None for name in NEVER_SHOWN_AGAIN})


async def decide_with_factor(parts: Application, command: Decide, given: GivenFactor) -> Decided:
    """Decide with ``given``.

    Raises the refusal that comes first in the order of the way that ``command`` came.
    """
    if not given.is_missing:
        (command,) = _required(await plan_and_prove(parts, [command], given))
    try:
        decided: Decided = await parts.database.write(command)
    except SecondFactorRefusal as refusal:
        raise _first(command, refusal) from None
    return decided


async def write_proven(
    parts: Application, command: Command[Outcome], given: GivenFactor, *, subject: str = ""
) -> Outcome:
    """Run a command whose handler refuses for want of a factor, with ``given``.

    Run without one first: that writes nothing, and says all that is wrong. Raises the refusal that
    comes first in the order of the way that ``command`` came. ``subject``: what a passkey signs for
    here; without one it proves nothing.
    """
    try:
        return await parts.database.write(command)
    except SecondFactorRefusal as refusal:
        first = _first(command, refusal)
        if first is not refusal:
            raise first from None
    taken = given if subject else replace(given, passkey=None)
    method = await prove(parts, command.cause.actor, taken, subject)
    proven = replace(command, cause=replace(command.cause, method=method))
    return await parts.database.write(proven)


async def plan_and_prove(
    parts: Application, commands: Sequence[Decide], given: GivenFactor
) -> list[Decide | Refusal]:
    """Return each of one person's commands, proven where need be, or its refusal.

    One proof serves for all. Raises SecondFactorRefusal where it is needed and missing, wrong or
    locked: then none of them may be written.
    """
    door = parts.database.read if len(commands) == 1 else parts.database.report
    judged = await door(lambda connection: judge(parts.context, connection, commands))
    unproven = [
        each.item
        for command, each in zip(commands, judged, strict=True)
        if each.item is not None and _awaits_proof(command, each)
    ]
    asker, subject = commands[0].cause.actor, subject_of(*unproven)
    method = await prove(parts, asker, given, subject) if unproven else None
    return [
        _completed(command, each.refusal, method)
        for command, each in zip(commands, judged, strict=True)
    ]


def _awaits_proof(command: Decide, judgement: Judgement) -> bool:
    refusal = judgement.refusal
    return isinstance(refusal, SecondFactorRefusal) and _first(command, refusal) is refusal


def _first(command: AnyCommand, refusal: SecondFactorRefusal) -> Refusal:
    """Return what is told first where a factor is missing.

    The factor by API, else whatever else is wrong.
    """
    if command.cause.via is Via.API or not refusal.incomplete:
        return refusal
    return InvalidRefusal(*refusal.incomplete)


def _completed(command: Decide, refusal: Refusal | None, method: Method | None) -> Decide | Refusal:
    if not isinstance(refusal, SecondFactorRefusal):
        return refusal or command
    if refusal.incomplete:
        return InvalidRefusal(*refusal.incomplete)
    return refusal if method is None else command.proven_by(method)


def _required(planned: Sequence[Decide | Refusal]) -> list[Decide]:
    for each in planned:
        if isinstance(each, Refusal):
            raise each
    return [each for each in planned if not isinstance(each, Refusal)]


async def prove(
    parts: Application, person: PersonId | None, given: GivenFactor, subject: str
) -> Method:
    """Return the method that ``given`` proves for ``subject``. Raises SecondFactorRefusal."""
    if person is None or given.is_missing:
        raise SecondFactorRefusal(missing_factor())
    if given.passkey is not None:
        request = passkey_request(parts, person, subject)
        return await prove_passkey(parts.database, request, given.passkey)
    return await prove_factor(
        parts.database,
        person,
        TypedCode(pin=given.pin, totp=given.totp),
        now=parts.clock.now(),
        is_loopback=parts.settings.is_loopback,
    )


def passkey_request(parts: Application, person: PersonId, subject: str) -> PasskeyRequest:
    """Return what a person's passkey is asked here and now, for ``subject``."""
    party = RelyingParty(base_url=parts.settings.base_url, name=parts.agency.name, keys=parts.keys)
    return PasskeyRequest(party=party, person=person, subject=subject, now=parts.clock.now())


def passkey_options(
    parts: Application, connection: Connection, person: PersonId, *items: Item
) -> str:
    """Return the options by which a browser asks this person's passkey to sign for ``items``.

    Empty where they have none.
    """
    return passkey_options_for(parts, connection, person, subject_of(*items))


def passkey_options_for(
    parts: Application, connection: Connection, person: PersonId, subject: str
) -> str:
    """Return the options by which a browser asks this person's passkey to sign for ``subject``."""
    return to_sign(passkey_request(parts, person, subject), passkeys_of(connection, person))
