"""Drafts of processes: text in the data folder, which decides nothing until it is published.

Each function judges itself who may read and write them. Raises NotPermittedRefusal.
"""

import io
import secrets
from pathlib import Path

import orjson
from ruamel.yaml import YAML

from api.composition import Application
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
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
    return _as_yaml(
        parts.database.report_blocking(
            lambda connection: parts.context.rulebooks.text_of(connection, rulebook.hash)
        )
    )


def _as_yaml(body: str) -> str:
    out = io.StringIO()
    writer = YAML()
    writer.width = _LINE_WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(orjson.loads(body), out)
    return out.getvalue()


def save_draft(parts: Application, editor: Person, identity: str, text: str) -> None:
    """Keep the draft; whoever reads at the same moment gets the old one or the new one, whole."""
    require_definition_editor(editor)
    path = _path(parts, identity)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{secrets.token_hex(4)}")
    new.write_text(text, "utf-8", newline="\n")
    new.replace(path)


def drop_draft(parts: Application, editor: Person, identity: str) -> None:
    """Drop the draft, if there is one."""
    require_definition_editor(editor)
    _path(parts, identity).unlink(missing_ok=True)
