"""Where settings come from: the environment, ``.env``, a secrets directory; no line goes unread.

Owns the names that may stand there and who may read what holds secrets. It must never print a
value.
"""

import io
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from pathlib import Path

from dotenv.parser import parse_stream

from workflow.errors import UsageError
from workflow.messages import Message, lazy

PREFIX = "THIDUA_"
FILE = Path(".env")
SECRETS_DIR = "SECRETS_DIR"
_INTERNAL = "WORKER_"
"""Names that one process of ours hands to another."""


def secrets_dir(known: Collection[str]) -> Path | None:
    """Return the secrets directory, if set, once every name in every source was looked at.

    ``known``: names of settings in capitals, without prefix. Raises UsageError with every line that
    would go unread.
    """
    lines = _lines(FILE)
    problems = [*_unknown(os.environ, known), *_unknown(lines, known), *_unprefixed(lines, known)]
    named = os.environ.get(PREFIX + SECRETS_DIR) or lines.get(PREFIX + SECRETS_DIR)
    folder = Path(named) if named else None
    if folder is not None:
        problems += _folder_problems(folder, known)
    if problems:
        raise UsageError(*problems)
    return folder


def _lines(file: Path) -> Mapping[str, str]:
    """Return the names and values of ``.env``. Raises UsageError with every wrong line's number."""
    if not file.exists():
        return {}
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "UTF-8"
        raise UsageError(
            lazy(
                "The file {file} cannot be read ({why}). Check its permissions and that it "
                "is UTF-8.",
                file=file,
                why=why,
            )
        ) from None
    bindings = [
        each for each in parse_stream(io.StringIO(text)) if each.error or each.key is not None
    ]
    wrong = [each.original.line for each in bindings if each.error or each.value is None]
    if wrong:
        raise UsageError(
            *(
                lazy(
                    "{file}, line {line}: not of the form NAME=value. Mend this line.",
                    file=file,
                    line=line,
                )
                for line in wrong
            )
        )
    return {
        each.key.upper(): each.value
        for each in bindings
        if each.key is not None and each.value is not None
    }


def _unknown(names: Collection[str], known: Collection[str]) -> Iterator[Message]:
    for name in sorted(each for each in names if each.upper().startswith(PREFIX)):
        short = name.upper().removeprefix(PREFIX)
        if short not in known and short != SECRETS_DIR and not short.startswith(_INTERNAL):
            yield _no_such(name, short, known)


def _no_such(name: str, short: str, known: Collection[str]) -> Message:
    close = get_close_matches(short, [*known, SECRETS_DIR], 1)
    if close:
        return lazy(
            "{name}: there is no setting of this name. Is it {close}?",
            name=name,
            close=PREFIX + close[0],
        )
    return lazy(
        "{name}: there is no setting of this name. Take it out, or see the table of "
        "settings in api/deploy/README.md.",
        name=name,
    )


def _unprefixed(names: Collection[str], known: Collection[str]) -> Iterator[Message]:
    for name in sorted(each for each in names if each in known):
        yield lazy(
            "{file}: {name} lacks its prefix. Write {full}.",
            file=FILE,
            name=name,
            full=PREFIX + name,
        )


def _folder_problems(folder: Path, known: Collection[str]) -> Iterator[Message]:
    """Yield what is wrong with a secrets directory: one closed file for each setting."""
    name = PREFIX + SECRETS_DIR
    try:
        files = sorted(each for each in folder.iterdir() if each.name.upper().startswith(PREFIX))
        is_open = bool(folder.stat().st_mode & stat.S_IXOTH)
    except OSError as exc:
        yield lazy(
            "{name}: the folder {folder} cannot be read ({why}).",
            name=name,
            folder=folder,
            why=exc.strerror,
        )
        return
    yield from _unknown([each.name for each in files], known)
    for file in files:
        if not file.is_file():
            yield lazy("{name}: {file} is not a file.", name=name, file=file)
        elif is_open and is_readable_by_all(file):
            yield lazy(
                "{name}: the file {file} is readable by everybody. Set its permissions to 0600.",
                name=name,
                file=file,
            )
        elif not _is_text(file):
            yield lazy(
                "{name}: the file {file} cannot be read. Check its permissions and "
                "that it is UTF-8.",
                name=name,
                file=file,
            )


def _is_text(file: Path) -> bool:
    try:
        file.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return True


def is_readable_by_all(file: Path) -> bool:
    """Return whether any account of this machine may read or write a file."""
    return file.is_file() and bool(file.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH))


def close_folder(folder: Path) -> None:
    """Take a data folder of ours, and what lies in it, out of others' reach."""
    if os.name == "nt":
        return
    for each in (
        folder,
        folder / "files",
        folder / "thidua.db",
        folder / "serve.lock",
        folder / "mail",
    ):
        with suppress(OSError):
            found = each.stat()
            if found.st_mode & 0o077 and found.st_uid == os.geteuid():
                each.chmod(found.st_mode & 0o700)
