"""What a new version of a process would do to open items, those with the same effect together.

Owns the words of the outlook; it computes nothing of it and changes nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from notifications.translation import translate
from workflow.checking import Effect

_CODES_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectGroup:
    """Items to which the same would happen."""

    words: str
    codes: Sequence[str]
    count: int
    is_stuck: bool


def grouped_effects(effects: Sequence[Effect], zone: tzinfo) -> list[EffectGroup]:
    """Return the effects in words: those that would be stuck first, then the most frequent."""
    found: dict[tuple[bool, str], list[str]] = {}
    for each in effects:
        key = (each.stuck is not None, "; ".join(_words(each, zone)))
        found.setdefault(key, []).append(each.code)
    groups = [
        EffectGroup(words=words, codes=codes[:_CODES_SHOWN], count=len(codes), is_stuck=is_stuck)
        for (is_stuck, words), codes in found.items()
    ]
    return sorted(groups, key=lambda each: (not each.is_stuck, -each.count))


def _words(effect: Effect, zone: tzinfo) -> Iterator[str]:
    if effect.stuck:
        yield translate(effect.stuck)
    if effect.moves_due:
        yield _due_words(effect, zone)
    if effect.gains:
        yield translate("more work for {names}", names=", ".join(effect.gains))
    if effect.loses:
        yield translate("no longer waiting for {names}", names=", ".join(effect.loses))


def _due_words(effect: Effect, zone: tzinfo) -> str:
    before, after = effect.due_before, effect.due_after
    if before is None:
        return translate("gets a due day")
    if after is None:
        return translate("has no due day any more")
    days = (after.astimezone(zone).date() - before.astimezone(zone).date()).days
    if days > 0:
        return translate("due {count} day later", "due {count} days later", count=days)
    if days < 0:
        return translate("due {count} day earlier", "due {count} days earlier", count=-days)
    return translate("due at another hour of the same day")
