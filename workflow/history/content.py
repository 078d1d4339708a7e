"""The content of an item as it is hashed and stored.

Owns the canonical form of what is decided on. Files enter by their own hash. The item's salt is in
it, so that a hash in the history cannot be tried against guessed names. Where a text was erased,
what is left is kept under the hash that was decided on, and says what it lacks.
"""

import hashlib
from collections.abc import Collection

import orjson

from workflow import canonical
from workflow.model import Content, ContentHash, Json, StoredFile

TITLE = "(title)"
"""The title among the names of fields; no definition can give it."""


def content_body(code: str, content: Content) -> str:
    """Return the canonical JSON text of ``content`` of the item ``code``."""
    files: list[Json] = [
        {"sha256": each.sha256, "name": each.name, "size": each.size, "media_type": each.media_type}
        for each in content.files
    ]
    body: Json = {
        "v": 1,
        "item": code,
        "salt": content.salt,
        "title": content.title,
        "fields": dict(content.fields),
        "files": files,
    }
    return canonical.encode(body).decode()


def body_hash(body: str) -> ContentHash:
    """Return the hex SHA-256 of a stored content body."""
    return ContentHash(hashlib.sha256(body.encode()).hexdigest())


def reduced(body: str, gone: Collection[str], files: Collection[str], salt: str) -> str | None:
    """Return what is left of a stored body without some fields and files; None: it has none.

    It is salted anew: the salt that its hash was made with would let the erased text be guessed.
    """
    said: dict[str, Json] = orjson.loads(body)
    fields, kept, before = said["fields"], said["files"], said.get("erased", [])
    if not isinstance(fields, dict) or not isinstance(kept, list) or not isinstance(before, list):
        raise TypeError("a stored content body has lost its shape")
    named = [name for name, value in fields.items() if name in gone or value in files]
    left = [each for each in kept if not isinstance(each, dict) or each["sha256"] not in files]
    has_title = TITLE in gone and TITLE not in before
    if not named and not has_title and len(left) == len(kept):
        return None
    erased: list[Json] = [*sorted({*map(str, before), *named, *([TITLE] if has_title else [])})]
    reduced_body: Json = {
        **said,
        "salt": salt,
        "title": said["item"] if has_title else said["title"],
        "fields": {name: value for name, value in fields.items() if name not in named},
        "files": left,
        "erased": erased,
    }
    return canonical.encode(reduced_body).decode()


def restore_content(text: str) -> Content:
    """Return the content whose body is ``text``."""
    parsed: dict[str, Json] = orjson.loads(text)
    files = parsed["files"]
    fields = parsed["fields"]
    erased = parsed.get("erased", [])
    if not isinstance(files, list) or not isinstance(fields, dict) or not isinstance(erased, list):
        raise TypeError("a stored content body has lost its shape")  # written by content_body alone
    return Content(
        title=str(parsed["title"]),
        fields=fields,
        files=tuple(StoredFile(**each) for each in files),  # type: ignore[arg-type]  # as above
        salt=str(parsed["salt"]),
        erased=tuple(map(str, erased)),
    )
