"""What an error says, and that its words are told apart only by an edge."""

from datetime import UTC, datetime

import pytest

from notifications.translation import speaking, translate
from workflow import errors
from workflow.command import MACHINE, Cause, Command
from workflow.committer import StorageError
from workflow.errors import LastTransition, StaleRefusal, reason
from workflow.messages import lazy, listed, verbatim
from workflow.model import Method, Via
from workflow.wording import unknown_places, worded

AT = datetime(2022, 6, 15, 9, 5, tzinfo=UTC)
LAST = LastTransition(
    transition="approve", label="Duyệt", actor="head@so.example", actor_name="Trưởng phòng", at=AT
)


def stale(last=None, **more):
    return StaleRefusal(state="submitted", version=3, given=2, last=last, **more)


@pytest.mark.parametrize(
    ("error", "vi", "en"),
    [
        (errors.ThiduaError("lost"), "lost", "lost"),
        (errors.BusyError(), "Máy chủ đang bận", "The server is busy"),
        (errors.UnavailableError(), "không dùng được cơ sở dữ liệu", "cannot use its database"),
        (errors.OutcomeUnknownError(), "chưa rõ", "not known"),
        (StorageError(), "không ghi được", "could not write"),
        (errors.NotFoundRefusal(), "Không tìm thấy", "Cannot find this"),
        (errors.NotFoundRefusal("DN-1"), "Không tìm thấy DN-1", "Cannot find DN-1"),
        (errors.KeyReusedRefusal(), "Idempotency-Key", "Idempotency-Key"),
        (errors.VersionRequiredRefusal(), "If-Match", "If-Match"),
        (stale(), "Nội dung đã thay đổi", "The content has changed"),
        (stale(LAST), "Trưởng phòng", "Trưởng phòng chose “Duyệt” at 09:05 on 15/06/2022"),
        (stale(LAST, why=reason("version", "Other words.")), "Other words.", "Other words."),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else "",
)
def test_an_error_says_what_happened_in_the_readers_language(error, vi, en):
    assert vi in translate(error)
    with speaking("en"):
        assert en in translate(error)
    assert en in str(error), "for logs, in English"


def test_problems_stand_a_line_each_and_reasons_in_one():
    assert str(errors.UsageError("a", "b")) == "a\nb"
    refusal = errors.InvalidRefusal(reason("x", "One."), reason("y", "Two {n}.", n=2))
    assert str(refusal) == "One. Two 2."
    assert [each.rule for each in refusal.reasons] == ["x", "y"]
    assert f"{refusal.reasons[1]:>8}" == "  Two 2."


def test_a_stale_refusal_keeps_what_is_now():
    found = stale(LAST)
    assert (found.state, found.version, found.given, found.last) == ("submitted", 3, 2, LAST)
    assert found.reasons[0].rule == "version"


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (lazy("Plain {not a place}"), "Plain {not a place}"),
        (lazy("One of {n}", n=3), "One of 3"),
        (lazy("{count} day", "{count} days", count=1), "1 day"),
        (lazy("{count} day", "{count} days", count=0), "0 days"),
        (lazy("{count} day", "{count} days", count=2), "2 days"),
        (lazy("{a}", a=lazy("inner {b}", b=1)), "inner 1"),
        (listed(["a", lazy("b"), 3]), "a; b; 3"),
        (listed([]), ""),
        (verbatim("{as it is}"), "{as it is}"),
    ],
)
def test_a_message_in_english(message, text):
    assert str(message) == text
    assert f"{message:<40}" == text.ljust(40)


@pytest.mark.parametrize(
    ("via", "actor", "is_operator"),
    [
        (Via.CLI, None, True),
        (Via.IMPORT, None, True),
        (Via.CLOCK, None, False),
        (Via.PAGE, None, False),
        (Via.CLI, 1, False),
        (Via.IMPORT, 1, False),
    ],
)
def test_only_the_command_line_without_a_person_is_the_operator(via, actor, is_operator):
    cause = Cause(actor=actor, via=via, method=Method.NONE, command_id="c")
    assert cause.is_operator is is_operator
    assert Command(cause=cause).is_repeatable
    assert Command(cause=cause).contends_for is None


def test_what_has_no_id_cannot_be_looked_up_again():
    assert not Command(cause=MACHINE).is_repeatable


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Hạn {due} của {kind}", []),
        ("{{due}}", []),
        ("{when}, {due}, {a}", ["a", "when"]),
        ("{}", ["{}"]),
        ("{0}", ["0"]),
        ("{due!r}", ["due"]),
        ("{due:>9}", ["due"]),
        ("{due.year}", ["due.year"]),
        ("{due[0]}", ["due[0]"]),
        ("{due", None),
        ("due}", None),
    ],
)
def test_the_agencys_own_words_name_known_places_and_nothing_that_computes(text, unknown):
    assert unknown_places(text, {"due", "kind"}) == unknown


def test_the_places_are_filled():
    assert worded("Hạn {due}: {{kind}}", {"due": "15/06"}) == "Hạn 15/06: {kind}"
