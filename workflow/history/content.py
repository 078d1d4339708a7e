"""The content of an item as it is hashed and stored.

Owns the canonical form of what is decided on. Files enter by their own hash. The item's salt is in
it, so that a hash in the history cannot be tried against guessed names.
"""

import hashlib

import orjson

from workflow import canonical
from workflow.model import Content, ContentHash, Json, StoredFile


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


def restore_content(text: str) -> Content:
    """Return the content whose body is ``text``."""
    parsed: dict[str, Json] = orjson.loads(text)
    files = parsed["files"]
    fields = parsed["fields"]
    if not isinstance(files, list) or not isinstance(fields, dict):
        raise TypeError("a stored content body has lost its shape")  # written by content_body alone
    return Content(
        title=str(parsed["title"]),
        fields=fields,
        files=tuple(StoredFile(**each) for each in files),  # type: ignore[arg-type]  # as above
        salt=str(parsed["salt"]),
    )
