"""Drafts of processes: text in the data folder, which decides nothing until it is published."""

import io
import secrets
from pathlib import Path

import orjson
from ruamel.yaml import YAML

from api.composition import Application
from workflow.definition import load_definition
from workflow.errors import InvalidInputError
from workflow.rules import vocabulary
from workflow.store import definitions

_LINE_WIDTH = 160


def draft_path(parts: Application, identity: str) -> Path:
    """Return where the draft of a process lies, whether or not there is one."""
    return parts.settings.data_dir / "drafts" / f"{identity}.yaml"


def present_text(parts: Application, identity: str) -> str:
    """Return the text to begin with: the draft, else the file, else what is published.

    Raises NotFoundRefusal for what is no published process: names become file names here.
    """
    rulebook = parts.database.report_blocking(
        lambda connection: parts.context.rulebooks.newest_of(connection, identity)
    )
    draft = draft_path(parts, identity)
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
    body = parts.database.report_blocking(
        lambda connection: definitions.definition_body(connection, rulebook.hash)
    )
    return _as_yaml(body or "")


def _as_yaml(body: str) -> str:
    out = io.StringIO()
    writer = YAML()
    writer.width = _LINE_WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    writer.dump(orjson.loads(body), out)
    return out.getvalue()


def save_draft(parts: Application, identity: str, text: str) -> None:
    """Keep the draft; whoever reads at the same moment gets the old one or the new one, whole."""
    path = draft_path(parts, identity)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{secrets.token_hex(4)}")
    new.write_text(text, "utf-8", newline="\n")
    new.replace(path)
