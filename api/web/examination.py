"""What comes of the text of a process: what is wrong with it, else what it would change.

Owns the examination that the pages of the editor share. Reads only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection

from api.composition import Application
from api.web.definition_differences import ChangedSetting, changed_settings
from api.web.errors import reasons_in_words
from api.web.outlooks import EffectGroup, grouped_effects
from notifications.position_names import POSITIONS
from notifications.translation import translate
from workflow.checking import Checked, check_definition, weakenings
from workflow.commands.publish_definition import require_newer
from workflow.definition import Definition, FileProblem, LoadedDefinition, load_definition
from workflow.errors import InvalidInputError, InvalidRefusal
from workflow.messages import Message, lazy, listed
from workflow.model import Position
from workflow.queries.what_if import Change, Outlook, plan_change
from workflow.rules import vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What came of a text: what is wrong, else the definition with its checks and its outlook."""

    problems: tuple[FileProblem | str, ...] = ()
    loaded: LoadedDefinition | None = None
    checked: Checked | None = None
    outlook: Outlook | None = None
    published: Definition | None = None
    """The newest published version."""

    @property
    def definition(self) -> Definition | None:
        """Return what the text says, where it can be read."""
        return self.loaded.definition if self.loaded else None

    @property
    def weakened(self) -> Sequence[Message]:
        """Return what the newest published version guarantees and this one does not."""
        if self.published is None or self.definition is None:
            return ()
        return [_with_positions(each) for each in weakenings(self.published, self.definition)]

    @property
    def changed(self) -> Sequence[ChangedSetting]:
        """Return what differs from the newest published version."""
        if self.published is None or self.definition is None:
            return ()
        return changed_settings(self.published, self.definition)

    @property
    def coverage(self) -> str:
        """Return how much of the process its scenarios have passed."""
        if self.checked is None:
            return ""
        found = self.checked.coverage
        line = lazy(
            "The scenarios passed {moves}/{every_move} moves.",
            moves=len(found.moves),
            every_move=len(found.moves) + len(found.moves_unseen),
        )
        return translate(found.with_unseen(line))

    def effects(self, zone: tzinfo) -> list[EffectGroup]:
        """Return what would happen to open items, those with the same effect together."""
        return grouped_effects(self.outlook.effects, zone) if self.outlook else []


def _with_positions(said: Message) -> Message:
    """Return a sentence with its positions called as people call them."""
    values = dict(said.values)
    if "positions" in values:
        names = str(values["positions"]).split(", ")
        values["positions"] = listed([POSITIONS[Position(each)] for each in names], ", ")
    return Message(said.template, tuple(values.items()), said.plural)


def read_text(text: str, name: str) -> Examined:
    """Return what a text says, or what keeps it from being read."""
    try:
        return Examined(loaded=load_definition(text, name, vocabulary()))
    except InvalidInputError as exc:
        return Examined(
            problems=tuple(
                each if isinstance(each, FileProblem) else translate(each) for each in exc.problems
            )
        )


def examine(
    parts: Application, connection: Connection, text: str, name: str, *, is_to_publish: bool = False
) -> Examined:
    """Return what comes of a text; one that is to be published must be newer than what is."""
    read = read_text(text, name)
    loaded = read.loaded
    if loaded is None:
        return read
    published = parts.context.rulebooks.newest(connection).get(loaded.definition.id)
    checked = check_definition(
        loaded, parts.context.calendar, parts.context.directory(connection, parts.clock.now())
    )
    problems: tuple[FileProblem | str, ...] = checked.problems
    if is_to_publish and published is not None and published.hash != loaded.hash:
        problems += _not_newer(loaded.definition, published.definition.version)
    return Examined(
        problems=problems,
        loaded=loaded,
        checked=checked,
        outlook=plan_change(parts.context, connection, Change(definition=loaded)),
        published=published.definition if published else None,
    )


def _not_newer(definition: Definition, newest: int) -> tuple[str, ...]:
    try:
        require_newer(definition, newest)
    except InvalidRefusal as refusal:
        return tuple(reasons_in_words(refusal))
    return ()
