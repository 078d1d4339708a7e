"""Everything that can be refused, as one tree.

    ThiduaError
    ├── InvalidInputError      what was given cannot be used; says where and what to do
    │   └── UsageError             a setting or an argument of the command line is wrong
    ├── Refusal                a command was understood and refused; nothing was written
    │   ├── NotFoundRefusal        it does not exist, or not for this person
    │   ├── NotPermittedRefusal    this person may not, with the rules
    │   │   └── SecondFactorRefusal    PIN, TOTP or passkey missing or wrong
    │   │       └── FactorLockedRefusal    too many wrong ones: none is judged for a while
    │   ├── VersionRequiredRefusal the caller must say which version was seen
    │   ├── StaleRefusal           it has moved on since it was read
    │   ├── SettledRefusal         an earlier step settled it for good
    │   ├── LinkRefusal            the link no longer fits: used otherwise, or the item went on
    │   │   └── LinkEndedRefusal       the link's life is over: expired or revoked
    │   ├── InvalidRefusal         the content or the answer is incomplete, with the rules
    │   └── KeyReusedRefusal       the same Idempotency-Key came with another body
    ├── AlteredError           what is stored was changed past the program; it is not used
    │   └── GuardedError           the database itself refused to change what only grows
    ├── BusyError              the queue is full; nothing was done, try again shortly (retryable)
    └── UnavailableError       the database cannot serve now (retryable)
        ├── ConnectionLostError    the connection is gone; a fresh one may serve
        ├── ConflictError          the database chose another transaction; it may run again
        └── OutcomeUnknownError    lost while committing; nobody knows whether it was kept

An error takes values and writes its own sentence: what happened, why, what to do next. The sentence
is a template plus values, translated (notifications.translation) where it leaves, for whoever reads
it. The core knows no HTTP status.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workflow.messages import Message, lazy, listed, verbatim


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is not possible: the rule's stable name, and a sentence."""

    rule: str
    message: Message

    def __str__(self) -> str:
        return str(self.message)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


def reason(rule: str, template: str, plural: str = "", /, **values: object) -> Reason:
    """Return a Reason; ``template`` uses ``str.format`` fields named in ``values``."""
    return Reason(rule, Message(template, tuple(values.items()), plural))


class ThiduaError(Exception):
    """The root of the tree."""

    @property
    def message(self) -> Message:
        """Return what happened, not yet translated."""
        return verbatim(Exception.__str__(self))

    def __str__(self) -> str:
        return str(self.message)


class InvalidInputError(ThiduaError):
    """Something given from outside (a file, a setting) cannot be used.

    Each problem is one sentence.
    """

    def __init__(self, *problems: object) -> None:
        super().__init__(*problems)
        self.problems = problems

    @property
    def message(self) -> Message:
        """Return the problems, each on a line of its own."""
        return listed(self.problems, "\n")


class UsageError(InvalidInputError):
    """A setting or an argument is wrong.

    Nothing was begun, and the command ends with the status of wrong usage.
    """


class AlteredError(ThiduaError):
    """What is stored does not have the hash that the history names: nothing rests on it.

    ``what``: its name for the log and for whoever looks after the server.
    """

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy(
            "What is stored here was changed past the program ({what}), so it is neither shown nor "
            "followed, and nothing was recorded. Tell the administrator: 'history verify' names "
            "what was changed, and it comes back from a backup.",
            what=self.what,
        )


class GuardedError(AlteredError):
    """A guard of the database refused a change of what is only added to; ``what``: its words."""

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy(
            "The database itself refused this change ({what}), so nothing was recorded. Tell the "
            "administrator: the program should never try it, and somebody else may have.",
            what=self.what,
        )


class BusyError(ThiduaError):
    """The queue of the committer is full: nothing was done. Retryable."""

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy(
            "The server is busy, so nothing was recorded. Please try again in a few seconds."
        )


class UnavailableError(ThiduaError):
    """The database is away, locked, full or too slow: it cannot serve this now. Retryable."""

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy(
            "The server cannot use its database for the moment, so it cannot answer. "
            "Wait a little, then reload."
        )


class ConnectionLostError(UnavailableError):
    """The connection is gone; the same work may succeed on a fresh one."""


class ConflictError(UnavailableError):
    """A serialization failure or a deadlock.

    Nothing was kept, and the same work may be run again.
    """


class OutcomeUnknownError(UnavailableError):
    """The connection was lost while committing, and the command cannot be looked up.

    It may have been kept or not.
    """

    @property
    def message(self) -> Message:
        """Return the sentence."""
        return lazy(
            "The connection to the database was lost at the very moment of writing, so "
            "it is not known whether this was recorded. Reload the page to check "
            "before you send it again."
        )


class Refusal(ThiduaError):  # noqa: N818 - the field's word: a refusal is an outcome, not a failure
    """A command was refused; nothing that it wrote is kept."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.reasons: Sequence[Reason] = reasons

    @property
    def message(self) -> Message:
        """Return the sentences of all reasons."""
        return listed(self.reasons, " ")


class NotFoundRefusal(Refusal):
    """It does not exist, or not for this person."""

    def __init__(self, what: object = "") -> None:
        thing = what or lazy("this")
        super().__init__(
            reason(
                "not-found",
                "Cannot find {what}. The code may be mistyped, or you may not see it.",
                what=thing,
            )
        )


class NotPermittedRefusal(Refusal):
    """This person may not do this now; the reasons name the rules."""


class SecondFactorRefusal(NotPermittedRefusal):
    """PIN, TOTP or passkey is missing or wrong.

    ``incomplete`` says what else is wrong with what was asked.
    """

    def __init__(self, why: Reason, *, incomplete: Sequence[Reason] = ()) -> None:
        super().__init__(why)
        self.incomplete = tuple(incomplete)


class SettledRefusal(Refusal):
    """What it would change was settled by an earlier step, and stays; the reasons say by which."""


class FactorLockedRefusal(SecondFactorRefusal):
    """The second factor is locked after five failures: not even the right one is judged."""


class InvalidRefusal(Refusal):
    """The answer or the content is incomplete; the reasons name each rule."""


class KeyReusedRefusal(Refusal):
    """An Idempotency-Key came back with another body."""

    def __init__(self) -> None:
        super().__init__(
            reason(
                "idempotency-key",
                "The key of this request (Idempotency-Key) was used for another "
                "request, so nothing more was recorded. Look it over and send it again "
                "with a new key.",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LastTransition:
    """The last decision on an item: who did what, when."""

    transition: str
    label: object
    """What it is called; said when it is read."""
    actor: str
    actor_name: object
    at: datetime


class StaleRefusal(Refusal):
    """The thing has changed since it was read; says its present state and who changed it last."""

    def __init__(
        self,
        *,
        state: str,
        version: int,
        given: int | None,
        last: LastTransition | None = None,
        why: Reason | None = None,
    ) -> None:
        super().__init__(why or _moved_on(last))
        self.state = state
        self.version = version
        self.given = given
        self.last = last


class VersionRequiredRefusal(Refusal):
    """The command names no version: nobody can tell whether the caller saw what is decided on."""

    def __init__(self) -> None:
        super().__init__(
            reason(
                "version-required",
                "Say which version you have seen (version or If-Match). Reload the item, "
                "then send again.",
            )
        )


class LinkRefusal(Refusal):
    """The link does not fit what the item is now.

    It was used otherwise, or the item went on without it.
    """


class LinkEndedRefusal(LinkRefusal):
    """The link's own life is over: it has expired or was revoked."""


def _moved_on(last: LastTransition | None) -> Reason:
    if last is None:
        return reason(
            "version",
            "The content has changed since you opened it. Reload the page, look at the "
            "new version, then send yours again.",
        )
    return reason(
        "version",
        "The item has changed since you opened it: {name} chose “{label}” at {at}. "
        "Reload the page, look at the new version, then send yours again.",
        name=last.actor_name,
        label=last.label,
        at=lazy(
            "{hour} on {day}", hour=last.at.strftime("%H:%M"), day=last.at.strftime("%d/%m/%Y")
        ),
    )
