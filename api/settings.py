"""Settings: read once, here, from the environment, ``.env`` or a secrets directory, and passed down as values.

Owns names and checks of configuration. A production process refuses to start on a setting that would be unsafe.
"""

import os
import secrets
import stat
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from workflow.errors import InvalidInputError
from workflow.speech import phrase, say

_KEY_BYTES = 32
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SOURCES = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Every ``THIDUA_*`` setting."""

    model_config = SettingsConfigDict(env_prefix="THIDUA_", env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    database_url: str = ""
    base_url: str = "http://127.0.0.1:8000"
    debug: bool = False
    secret_keys: str = ""
    smtp_url: str = ""
    mail_from: str = ""
    time_zone: str = "Asia/Ho_Chi_Minh"
    locale: Literal["vi", "en"] = "vi"
    trusted_hosts: str = ""
    trusted_proxies: str = ""
    definitions: Path = _SOURCES / "definitions"
    clock: datetime | None = None

    def definition_file(self, name: str) -> Path:
        """Return a file of the definitions folder (like ``calendars/vn.yaml``); the shipped one where the folder has none."""
        own = self.definitions / name
        return own if own.exists() else _SOURCES / "definitions" / name

    @property
    def url(self) -> str:
        """Return the database URL, the embedded SQLite by default."""
        return self.database_url or f"sqlite:///{self.data_dir / 'thidua.db'}"

    @property
    def is_sqlite(self) -> bool:
        """Return whether the database is SQLite."""
        return self.url.startswith("sqlite")

    @property
    def host(self) -> str:
        """Return the host name of the base URL."""
        return urlsplit(self.base_url).hostname or ""

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
        """Return the host names this deployment answers to."""
        named = {each.strip() for each in self.trusted_hosts.split(",") if each.strip()} or {self.host}
        return frozenset(named | (_LOOPBACK if self.is_loopback else set()))

    @property
    def zone(self) -> ZoneInfo:
        """Return the agency's time zone."""
        return ZoneInfo(self.time_zone)

    @property
    def sender(self) -> str:
        """Return the address that mails come from."""
        return self.mail_from or f"thidua@{self.host if '.' in self.host and not self.is_loopback else 'localhost.localdomain'}"

    @cached_property
    def keys(self) -> dict[str, bytes]:
        """Return the secret keys by key id, newest first. Raises InvalidInputError naming what is wrong."""
        keys: dict[str, bytes] = {}
        for part in filter(None, (each.strip() for each in self.secret_keys.split(","))):
            kid, _, text = part.partition(":")
            try:
                keys[kid] = bytes.fromhex(text)
            except ValueError:
                raise InvalidInputError(
                    phrase("THIDUA_SECRET_KEYS: khóa “{kid}” không phải hệ mười sáu. Viết theo dạng kid:hex, khóa mới nhất đứng trước.", kid=kid)
                ) from None
            if len(keys[kid]) < _KEY_BYTES or len(set(keys[kid])) == 1 or not kid.isalnum():
                raise InvalidInputError(
                    phrase("THIDUA_SECRET_KEYS: khóa “{kid}” quá yếu. Cần ít nhất 32 byte ngẫu nhiên, mã khóa chỉ gồm chữ và số.", kid=kid)
                )
        return keys


def load_settings(**overrides: object) -> Settings:
    """Return the settings, with ``overrides`` that are not None on top. Raises InvalidInputError."""
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # pydantic checks each value
    except ValidationError as exc:
        problems = (
            phrase("THIDUA_{name}: {what}. Hãy sửa cấu hình.", name=str(error["loc"][0]).upper(), what=error["msg"]) for error in exc.errors()
        )
        raise InvalidInputError(*problems) from exc


def production_problems(settings: Settings) -> list[str]:
    """Return every reason why a production process must not start with these settings."""
    problems = []
    try:
        if not settings.keys:
            problems.append(say("Thiếu THIDUA_SECRET_KEYS. Tạo khóa: python3 -c \"import secrets; print('k1:' + secrets.token_hex(32))\"."))
    except InvalidInputError as exc:
        problems.append(str(exc))
    if settings.debug:
        problems.append(say("THIDUA_DEBUG đang bật. Hãy tắt (0) khi chạy thật."))
    if not settings.is_https and not settings.is_loopback:
        problems.append(say("THIDUA_BASE_URL dùng http ngoài máy này. Hãy dùng https."))
    if settings.clock is not None and not settings.is_loopback:
        problems.append(say("THIDUA_CLOCK chỉ dùng được trên máy này (127.0.0.1). Hãy bỏ cấu hình này."))
    if "*" in settings.trusted_hosts:
        problems.append(say("THIDUA_TRUSTED_HOSTS không nhận dấu *. Hãy ghi rõ tên máy chủ."))
    problems += [say("Tệp {path} đang cho mọi người đọc. Hãy đặt quyền 0600.", path=path) for path in _open_secrets(settings)]
    return problems


def _open_secrets(settings: Settings) -> list[Path]:
    secrets = [Path(".env"), settings.data_dir / "thidua.db", settings.data_dir / "keys"]
    return [path for path in secrets if path.is_file() and path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH)]


def demo_keys(folder: Path) -> str:
    """Return the demo's own keys, made on the first run and kept readable by nobody else."""
    path = folder / "keys"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"demo:{secrets.token_hex(32)}")
    return path.read_text("ascii")
