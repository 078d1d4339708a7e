"""Settings: read once, here, from environment, ``.env`` or a secrets directory; passed as values.

Owns names and checks of configuration; api/deploy/README.md has one row for each. A production
process refuses to start on a setting that would be unsafe, and every process on one that cannot be
read.
"""

import os
import secrets
import ssl
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url

from api.database_url import parse_database_url
from api.network import Proxies, parse_proxies
from api.setting_values import (
    WrongValueError,
    parse_addresses,
    parse_agency_key,
    parse_base_url,
    parse_folder,
    parse_hosts,
    parse_instant,
    parse_keys,
    parse_relay_url,
    parse_sender,
    parse_timestamp_url,
    parse_trust_folder,
    parse_zone,
)
from api.settings_sources import FILE, PREFIX, close_folder, is_readable_by_all, secrets_dir
from notifications.translation import translate
from workflow.addresses import Mailbox, parse_mailbox
from workflow.errors import UsageError
from workflow.messages import Message, lazy

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def shipped_definitions() -> Path:
    """Return the definitions that came with the program, in the package or beside it."""
    package = Path(str(files("api")))
    inside = package / "definitions"
    return inside if inside.is_dir() else package.parent / "definitions"


def _keys_text(text: str) -> str:
    parse_keys(text)
    return text


def _zone_name(name: str) -> str:
    parse_zone(name)
    return name


def _proxies_text(text: str) -> str:
    parse_proxies(text)
    return text


def _instant(value: object) -> object:
    return parse_instant(value) if isinstance(value, str) else value


def _ca_file(path: Path | None) -> Path | None:
    if path is None:
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except (OSError, ValueError):  # an SSLError is an OSError
        raise WrongValueError(
            lazy("{path} is not a readable file of CA certificates (PEM)", path=path)
        ) from None
    return path


def _where_set(parse: Callable[[str], str]) -> AfterValidator:
    return AfterValidator(lambda text: parse(text) if text else text)


_Days = Annotated[int, Field(ge=1, le=36_500)]


class Settings(BaseSettings):
    """Every ``THIDUA_*`` setting."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_file=FILE,
        env_file_encoding="utf-8-sig",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    data_dir: Path = Path("var")
    database_url: Annotated[str, _where_set(parse_database_url)] = ""
    database_owner_url: Annotated[str, _where_set(parse_database_url)] = ""
    base_url: Annotated[str, AfterValidator(parse_base_url)] = "http://127.0.0.1:8000"
    debug: bool = False
    secret_keys: Annotated[str, AfterValidator(_keys_text)] = ""
    smtp_url: Annotated[str, _where_set(parse_relay_url)] = ""
    smtp_ca_file: Annotated[Path | None, AfterValidator(_ca_file)] = None
    mail_from: Annotated[str, _where_set(parse_sender)] = ""
    mail_reply_to: Annotated[str, _where_set(parse_sender)] = ""
    time_zone: Annotated[str, AfterValidator(_zone_name)] = "Asia/Ho_Chi_Minh"
    locale: Literal["vi", "en"] = "vi"
    trusted_hosts: Annotated[str, AfterValidator(parse_hosts)] = ""
    trusted_proxies: Annotated[str, AfterValidator(_proxies_text)] = ""
    definitions: Annotated[Path, AfterValidator(parse_folder)] = shipped_definitions()
    metrics_port: Annotated[int | None, Field(ge=1, le=65_535)] = None
    clock: Annotated[datetime | None, BeforeValidator(_instant)] = None
    anchor_addresses: Annotated[str, AfterValidator(parse_addresses)] = ""
    anchor_file: Path | None = None
    timestamp_url: Annotated[str, _where_set(parse_timestamp_url)] = ""
    timestamp_certificate: Annotated[Path | None, AfterValidator(_ca_file)] = None
    agency_key: Annotated[str, _where_set(parse_agency_key)] = ""
    agency_key_password: str = ""
    signature_trust: Annotated[Path | None, AfterValidator(parse_trust_folder)] = None
    retention_sessions: _Days = 30
    retention_setup_codes: _Days = 30
    retention_tokens: _Days = 365
    retention_outbox: _Days = 1826
    retention_accesses: _Days = 1826
    retention_drafts: _Days = 30
    retention_changes: _Days = 30
    retention_links: _Days = 365

    @property
    def has_shipped_definitions(self) -> bool:
        """Return whether the definitions folder is the one that comes with the program."""
        return self.definitions == shipped_definitions()

    def definition_file(self, name: str) -> Path:
        """Return a file of the definitions, like ``calendars/vn.yaml``, or the shipped one."""
        own = self.definitions / name
        return own if own.exists() else shipped_definitions() / name

    @property
    def retention(self) -> Mapping[str, int]:
        """Return how many days each kind of row is kept, by its name."""
        begin = "retention_"
        return {
            name.removeprefix(begin): int(value) for name, value in self if name.startswith(begin)
        }

    @property
    def url(self) -> str:
        """Return the database URL, the embedded SQLite by default."""
        return self.database_url or f"sqlite:///{self.data_dir / 'thidua.db'}"

    @property
    def owner_url(self) -> str:
        """Return the URL that the schema is changed under: the owner's, where one is named."""
        return self.database_owner_url or self.url

    @property
    def is_sqlite(self) -> bool:
        """Return whether the database is SQLite."""
        return self.url.startswith("sqlite")

    @property
    def database_file(self) -> Path | None:
        """Return where the SQLite database lies; None on PostgreSQL."""
        if not self.is_sqlite:
            return None
        named = make_url(self.database_url).database if self.database_url else None
        return Path(named) if named else self.data_dir / "thidua.db"

    @property
    def lock_folder(self) -> Path:
        """Return the folder whose lock says who serves: SQLite's, else the data folder."""
        return self.database_file.parent if self.database_file else self.data_dir

    @property
    def host(self) -> str:
        """Return the host name of the base URL."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def base_path(self) -> str:
        """Return the path of the base URL, which nothing that is served or mailed can have."""
        return urlsplit(self.base_url).path

    @property
    def is_loopback(self) -> bool:
        """Return whether the base URL lies on this machine."""
        return self.host in _LOOPBACK

    @property
    def is_https(self) -> bool:
        """Return whether the base URL is encrypted."""
        return self.base_url.startswith("https://")

    @property
    def hosts(self) -> frozenset[str]:
        """Return the host names this deployment answers to: its own, whatever else is named."""
        named = {self.host, *(each for each in self.trusted_hosts.split(",") if each)}
        return frozenset(named | (_LOOPBACK if self.is_loopback else set()))

    @cached_property
    def proxies(self) -> Proxies:
        """Return the proxies that say who asks through them."""
        return parse_proxies(self.trusted_proxies)

    @property
    def zone(self) -> ZoneInfo:
        """Return the agency's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def sender(self) -> Mailbox:
        """Return the mailbox that mails come from."""
        is_public = "." in self.host and not self.is_loopback
        own = f"thidua@{self.host if is_public else 'localhost.localdomain'}"
        return parse_mailbox(self.mail_from or own) or Mailbox(address=own, envelope=own)

    @property
    def reply_to(self) -> Mailbox | None:
        """Return who reads replies, where one is named."""
        return parse_mailbox(self.mail_reply_to) if self.mail_reply_to else None

    @cached_property
    def keys(self) -> dict[str, bytes]:
        """Return the secret keys by key id, newest first."""
        return parse_keys(self.secret_keys)


_EXPECTED = {
    "debug": lazy("write 0 or 1"),
    "locale": lazy("write vi or en"),
    "metrics_port": lazy("a port number from 1 to 65535 is needed"),
}
"""What pydantic itself checks, in words of ours."""


def load_settings(**overrides: object) -> Settings:
    """Return the settings, ``overrides`` that are not None on top. Raises UsageError."""
    given = {name: value for name, value in overrides.items() if value is not None}
    folder = secrets_dir({name.upper() for name in Settings.model_fields})
    try:
        return Settings(_secrets_dir=folder, **given)  # type: ignore[arg-type]  # checked there
    except ValidationError as exc:
        problems = [
            _problem(str(error["loc"][0]), error.get("ctx", {}).get("error"))
            for error in exc.errors(include_input=False)
        ]
    raise UsageError(*problems)


_DAYS = lazy("it takes a number of days from 1 to 36500")


def _problem(name: str, error: object) -> Message:
    what = (
        error.sentence
        if isinstance(error, WrongValueError)
        else _EXPECTED.get(
            name, _DAYS if name.startswith("retention_") else lazy("it cannot be read")
        )
    )
    return lazy("{name}: {what}. Mend the setting.", name=PREFIX + name.upper(), what=what)


def production_problems(settings: Settings) -> list[str]:
    """Return every reason why a production process must not start with these settings."""
    problems = []
    if not settings.keys:
        problems.append(
            translate(
                'THIDUA_SECRET_KEYS is missing. Make a key: python3 -c "import secrets; '
                "print('k1:' + secrets.token_hex(32))\"."
            )
        )
    if settings.debug:
        problems.append(translate("THIDUA_DEBUG is on. Turn it off (0) in production."))
    if not settings.is_https and not settings.is_loopback:
        problems.append(translate("THIDUA_BASE_URL uses http outside this machine. Use https."))
    if settings.clock is not None and not settings.is_loopback:
        problems.append(
            translate("THIDUA_CLOCK serves on this machine (127.0.0.1) only. Remove it.")
        )
    if settings.base_path:
        problems.append(translate(_no_path()))
    if is_readable_by_all(FILE):
        problems.append(_open_file(FILE))
    return problems


def _no_path() -> Message:
    return lazy(
        "THIDUA_BASE_URL: a path behind the host is not supported; give the product a "
        "host name of its own, like https://thidua.so.example. Mend the setting."
    )


def require_no_path(settings: Settings) -> None:
    """Raise UsageError where the base URL has a path: links in letters would lead nowhere."""
    if settings.base_path:
        raise UsageError(_no_path())


def open_secrets(settings: Settings) -> list[str]:
    """Return a sentence for each file of the data folder whose secrets everybody can read."""
    return [
        _open_file(path)
        for path in (settings.data_dir / "thidua.db", settings.data_dir / "keys")
        if is_readable_by_all(path)
    ]


def _open_file(path: Path) -> str:
    return translate(
        "The file {path} can be read by everybody. Set its permissions to 0600.", path=path
    )


def require_folder(settings: Settings) -> None:
    """Make the data folder if need be. Raises UsageError where it cannot be written to."""
    folder = settings.data_dir
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        close_folder(folder)
        why = None if os.access(folder, os.W_OK | os.X_OK) else translate("no permission to write")
    except OSError as exc:
        why = exc.strerror
    if why:
        raise UsageError(
            lazy(
                "The data folder {folder} cannot be written to ({why}). Check --data, "
                "THIDUA_DATA_DIR and permissions.",
                folder=folder,
                why=why,
            )
        )


def ensure_demo_keys(folder: Path) -> str:
    """Return the demo's own keys, made on the first run and kept readable by nobody else."""
    path = folder / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"demo:{secrets.token_hex(32)}")
    return path.read_text("ascii")
