"""Second factors in the database: cipher text without the keys, the same factor with them."""

import asyncio
import subprocess
import tarfile

import pyotp
import pytest
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError
from sqlalchemy import text

from api.auth import credentials
from api.auth.credentials import PutSecret, find_secrets
from api.auth.passwords import TypedCode, hash_secret_blocking, prove_factor
from api.auth.secret_encryption import SEALED, KeepVault, Vault
from api.clock import RunningClock
from api.composition import open_application
from api.initialise import keep_vault
from tests.commands import run_command
from tests.conftest import KEYS, STARTS_AT, test_settings
from workflow.commands.execute import execute
from workflow.errors import SecondFactorRefusal
from workflow.model import Method
from workflow.store import people
from workflow.store.engines import open_engines

DIRECTOR, CLERK = "director@so.example", "clerk@so.example"
OLD = bytes.fromhex(KEYS.partition(":")[2])


def column(running, email: str, name: str) -> str:
    person = running.person(email).id
    kept = running.parts.database.report_blocking(
        lambda connection: find_secrets(connection, person)
    )
    return str(getattr(kept, name))


def put(running, email: str, name: str, value: str) -> None:
    running.run(
        running.parts.database.write(
            PutSecret(person=running.person(email).id, name=name, value=value)
        )
    )


def write(running, statement: str, **values: object) -> None:
    """Change the database behind the program's back."""
    with running.parts.engines.write.begin() as connection:
        connection.execute(text(statement), values)


def proves(running, email: str, **given: str) -> bool:
    person, now = running.person(email).id, running.clock.now()
    try:
        proven = running.run(
            prove_factor(
                running.parts.database,
                person,
                TypedCode(**given),
                now=now,
                is_loopback=True,
            )
        )
    except SecondFactorRefusal:
        return False
    return proven in {Method.PIN, Method.TOTP}


def test_neither_a_pin_nor_a_totp_secret_can_be_read_or_guessed_from_the_database(running):
    secret = pyotp.random_base32()
    put(running, CLERK, "totp_secret", secret)
    pin = column(running, DIRECTOR, "pin_hash")
    assert "argon2" not in pin
    with pytest.raises(InvalidHashError):
        PasswordHasher().verify(pin, "246810")
    assert secret not in column(running, CLERK, "totp_secret")
    assert proves(running, DIRECTOR, pin="246810")
    assert proves(running, CLERK, totp=pyotp.TOTP(secret).at(running.clock.now()))


def test_what_is_sealed_for_one_opens_for_nobody_else_and_in_no_other_column(running):
    write(
        running,
        "UPDATE credentials SET pin_hash = :sealed WHERE person = :person",
        sealed=column(running, DIRECTOR, "pin_hash"),
        person=running.person("head.ls@so.example").id,
    )
    assert not proves(running, "head.ls@so.example", pin="246810")
    vault = Vault(by_kid={"k": OLD})
    with running.parts.engines.write.begin() as connection:
        sealed = vault.seal(connection, 7, "pin_hash", "a")
        assert vault.open(connection, 7, "pin_hash", sealed) == "a"
        assert vault.open(connection, 7, "enrol_hash", sealed) is None
        assert vault.open(connection, 8, "pin_hash", sealed) is None
        assert Vault(by_kid={"k": bytes(31) + b"x"}).open(connection, 7, "pin_hash", sealed) is None
        connection.rollback()


def test_what_an_earlier_program_kept_open_is_sealed_at_the_start(running):
    person = running.person("head.bg@so.example").id
    secret = pyotp.random_base32()
    write(
        running,
        "UPDATE credentials SET pin_hash = :pin, totp_secret = :secret WHERE person = :person",
        pin=hash_secret_blocking("135790"),
        secret=secret,
        person=person,
    )
    settings = running.parts.settings
    assert proves(running, "head.bg@so.example", pin="135790"), "until then it goes on being right"
    assert keep_vault(settings, settings.keys) == 0
    assert column(running, "head.bg@so.example", "pin_hash").startswith("e1.")
    assert secret not in column(running, "head.bg@so.example", "totp_secret")
    assert proves(running, "head.bg@so.example", pin="135790")
    assert proves(running, "head.bg@so.example", totp=pyotp.TOTP(secret).at(running.clock.now()))


def test_a_new_key_opens_at_once_and_a_retired_one_opens_nothing_any_more(running):
    """Before and after the restart, in whatever order processes take the new key."""
    old, new = {"test": OLD}, {"k2": b"2" * 32}
    settings, vault = running.parts.settings, Vault(by_kid={"test": OLD})
    try:
        before = column(running, DIRECTOR, "pin_hash")
        assert keep_vault(settings, {**new, **old}) == 0
        assert column(running, DIRECTOR, "pin_hash") == before, "no row need change"
        assert proves(running, DIRECTOR, pin="246810"), "a process that has not been restarted"
        assert running.run(running.parts.database.write(KeepVault())) == 0
        assert opened(running, Vault(by_kid=new), before) is not None, (
            "an old process does not end the new key"
        )
        assert keep_vault(settings, new) == 1, "the one that was copied to somebody else's row"
        after = column(running, DIRECTOR, "pin_hash")
        assert after != before
        assert opened(running, Vault(by_kid=new), after) is not None
        assert opened(running, vault, after) is None
        assert opened(running, vault, before) is None, "its data key is gone too"
        assert running.parts.database.report_blocking(vault.unopened) > 0, "doctor tells"
    finally:
        keep_vault(settings, {**new, **old})
        keep_vault(settings, {**old, **new})
        with running.parts.engines.write.begin() as connection:
            Vault(by_kid=old).keep(connection)
    assert proves(running, DIRECTOR, pin="246810")


def opened(running, vault: Vault, kept: str) -> str | None:
    person = running.person(DIRECTOR).id
    return running.parts.database.report_blocking(
        lambda connection: vault.open(connection, person, "pin_hash", kept)
    )


def test_several_first_starts_together_make_one_key(running):
    write(running, "DELETE FROM settings WHERE name = 'vault'")
    hashed = hash_secret_blocking("246810")
    write(
        running,
        "UPDATE credentials SET pin_hash = :hashed, totp_secret = NULL, enrol_hash = NULL",
        hashed=hashed,
    )
    settings = running.parts.settings

    async def together() -> list[int]:
        return await asyncio.gather(
            *(asyncio.to_thread(keep_vault, settings, settings.keys) for _ in range(6))
        )

    assert running.run(together()) == [0] * 6
    assert all(proves(running, email, pin="246810") for email in (DIRECTOR, "head.htqt@so.example"))


def thidua(folder, *arguments: str, keys: str = KEYS) -> subprocess.CompletedProcess[str]:
    environment = {
        "THIDUA_DATA_DIR": str(folder),
        "THIDUA_SECRET_KEYS": keys,
        "THIDUA_LOCALE": "vi",
    }
    return run_command(*arguments, **environment)


def kept_open(folder) -> str:
    """Let the clerk have a PIN and an authenticator by a program that seals nothing."""
    parts = open_application(test_settings(folder, ""), clock=RunningClock(STARTS_AT))
    unsealing = credentials.use_cases(parts.outbox, Vault(by_kid={}))
    with parts.engines.write.begin() as connection:
        clerk = people.person_by_email(connection, CLERK).id
        for name, value in (
            ("pin_hash", hash_secret_blocking("246810")),
            ("totp_secret", "A" * 32),
        ):
            command = PutSecret(person=clerk, name=name, value=value)
            execute(parts.context, lambda *_: None, unsealing, connection, [command])
    parts.close()
    return "A" * 32


def test_what_lay_open_is_sealed_by_upgrade_and_a_backup_holds_cipher_text_only(tmp_path):
    """Also not in pages that SQLite has freed."""
    folder = tmp_path / "data"
    assert thidua(folder, "init", "--sample").returncode == 0
    secret = kept_open(folder)
    upgraded = thidua(folder, "upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    assert thidua(folder, "backup", str(tmp_path / "backup.tar.gz")).returncode == 0
    with tarfile.open(tmp_path / "backup.tar.gz") as archive:
        database = archive.extractfile("thidua.db").read()
    assert secret.encode() not in database
    assert b"$argon2id$" not in database


def test_rotate_keys_covers_factors_and_the_old_key_may_go(tmp_path):
    folder = tmp_path / "data"
    assert thidua(folder, "init", "--sample").returncode == 0
    rotated = thidua(folder, "rotate-keys")
    line = rotated.stdout.strip().partition("=")[2]
    assert rotated.returncode == 0
    assert line.endswith(KEYS)
    newest = line.partition(",")[0]
    assert "không mở được" in thidua(folder, "doctor", keys="test:" + "fedcba9876543210" * 4).stderr
    doctor = thidua(folder, "doctor", keys=newest)
    assert "không mở được bằng" not in doctor.stderr, doctor.stderr
    engines = open_engines(test_settings(folder, "").url)
    with engines.read.connect() as connection:
        rows = connection.execute(
            text(f"SELECT person, {', '.join(SEALED)} FROM credentials")
        ).all()
        vault = Vault(by_kid={newest.partition(":")[0]: bytes.fromhex(newest.partition(":")[2])})
        assert all(
            PasswordHasher().verify(
                vault.open(connection, row[0], "pin_hash", row[1]) or "", "246810"
            )
            for row in rows[:2]
        )
        assert Vault(by_kid={"test": OLD}).unopened(connection) == len(rows) > 0
    engines.dispose()
