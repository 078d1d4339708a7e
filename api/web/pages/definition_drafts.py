"""Drafts of processes: text in the data folder, which decides nothing until it is published.

Each function judges itself who may read and write them. Raises NotPermittedRefusal.
"""

import hashlib
import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import orjson
from pydantic import BaseModel
from ruamel.yaml import YAML
from sqlalchemy import Connection

from api.composition import Application
from api.file_lock import lock_file
from workflow.definition import Definition, load_definition
from workflow.errors import InvalidInputError, StaleRefusal, reason
from workflow.model import Person
from workflow.people import require_definition_editor
from workflow.rules import vocabulary

_LINE_WIDTH = 160


def has_draft(parts: Application, identity: str) -> bool:
    """Return whether there is a draft of a process."""
    return _path(parts, identity).is_file()


def _path(parts: Application, identity: str) -> Path:
    return parts.settings.data_dir / "drafts" / f"{identity}.yaml"


def present_text(parts: Application, editor: Person, identity: str) -> str:
    """Return the text to begin with: the draft, else the file, else what is published.

    Raises NotFoundRefusal for what is no published process: names become file names here.
    """
    require_definition_editor(editor)
    rulebook = parts.database.report_blocking(
        lambda connection: parts.context.rulebooks.newest_of(connection, identity)
    )
    draft = _path(parts, identity)
    if draft.is_file():
        return draft.read_text("utf-8")
    file = parts.settings.definition_file(f"{identity}.yaml")
    if file.is_file():
        text = file.read_text("utf-8")
        try:
            if (
                load_definition(text, file.name, vocabulary()).definition.version
                >= rulebook.definition.version
            ):
                return text
        except InvalidInputError:
            return text
    return published_text(parts, identity)


def published_text(parts: Application, identity: str) -> str:
    """Return the newest published text of a process, laid out as a draft is."""

    def found(connection: Connection) -> tuple[Definition, str]:
        newest = parts.context.rulebooks.newest_of(connection, identity)
        return newest.definition, parts.context.rulebooks.text_of(connection, newest.hash)

    return _as_yaml(*parts.database.report_blocking(found))


def _as_yaml(definition: Definition, body: str) -> str:
    out = io.StringIO()
    writer = YAML()
    writer.width = _LINE_WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(_in_order(orjson.loads(body), definition), out)
    return out.getvalue()


def _in_order(tree: object, part: object) -> object:
    """Return the tree of a part with each key where the language names it: id first, examples last.

    What is kept is the canonical text, whose keys are sorted.
    """
    match tree, part:
        case dict(), BaseModel():
            own = type(part).__annotations__
            fields = {
                each.alias or name: name
                for name, each in sorted(
                    type(part).model_fields.items(), key=lambda field: field[0] not in own
                )
            }
            known = {key: getattr(part, name) for key, name in fields.items() if key in tree}
            return {key: _in_order(tree[key], known.get(key)) for key in {**known, **tree}}
        case list(), tuple() if len(tree) == len(part):
            return [_in_order(*each) for each in zip(tree, part, strict=True)]
    return tree


def mark_of(text: str) -> str:
    """Return by which mark a form says what text it was made from."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def save_draft(
    parts: Application, editor: Person, identity: str, text: str, *, base: str = ""
) -> None:
    """Keep the draft; whoever reads at the same moment gets the old one or the new one, whole.

    ``base``: the mark of the text that was changed; empty where whoever asks does not say. Raises
    StaleRefusal where the text is another now.
    """
    path = _path(parts, identity)
    with _alone(parts):
        present = present_text(parts, editor, identity)
        if text != present:
            _refuse_overtaken(parts, path, present, base)
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(f".{secrets.token_hex(4)}")
        new.write_text(text, "utf-8", newline="\n")
        new.replace(path)


def drop_draft(parts: Application, editor: Person, identity: str, *, base: str = "") -> None:
    """Drop the draft, if there is one; ``base`` as above. Raises StaleRefusal likewise."""
    path = _path(parts, identity)
    with _alone(parts):
        present = present_text(parts, editor, identity)
        if path.is_file():
            _refuse_overtaken(parts, path, present, base)
        path.unlink(missing_ok=True)


@contextmanager
def _alone(parts: Application) -> Iterator[None]:
    """Let one at a time write drafts, of all threads and processes that serve the folder."""
    with (parts.settings.data_dir / "drafts.lock").open("a+") as file:
        # Where the folder lies, there may be no locks.
        with suppress(OSError):
            lock_file(file, waits=True)
        yield


def _refuse_overtaken(parts: Application, path: Path, present: str, base: str) -> None:
    if not base or base == mark_of(present):
        return
    if not path.is_file():
        why = reason(
            "draft",
            "Since you opened this draft, somebody published or discarded it. Nothing was changed; "
            "what you typed is below. Compare, then send it again if it is to be the draft.",
        )
    else:
        changed = datetime.fromtimestamp(path.stat().st_mtime, parts.context.calendar.zone)
        why = reason(
            "draft",
            "Since you opened this draft, somebody saved another one ({at}). Nothing was changed; "
            "what you typed is below. Compare, then send it again if it is to be the draft.",
            at=changed.strftime("%H:%M %d/%m/%Y"),
        )
    raise StaleRefusal(state="", version=0, given=None, why=why)
