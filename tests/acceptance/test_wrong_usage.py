"""Every command of the interface, given nonsense: one sentence, the documented status, no traceback."""

import logging
import os

import pytest

from api.cli import main
from api.logs import configure_logs
from tests.conftest import KEYS

SECRET = "s3cretpart"
FAR, NEVER, AT_SIGN = "9999-12-31", "2022-13-45", "nobody.example"
BINARY = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def agency(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agency")
    with pytest.MonkeyPatch.context() as patch:
        _set(patch, folder)
        assert main(["init", "--sample"]) == 0
    return folder


def _set(patch, folder, **settings):
    for name in [each for each in os.environ if each.startswith("THIDUA_")]:
        patch.delenv(name)
    given = {"THIDUA_DATA_DIR": str(folder), "THIDUA_SECRET_KEYS": KEYS, **settings}
    for name, value in given.items():
        patch.setenv(name, value)


@pytest.fixture
def thidua(agency, tmp_path, monkeypatch, capsys):
    """A command run in this process, in a folder of its own: its status and what it said."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments, **settings):
        _set(monkeypatch, agency, **settings)
        capsys.readouterr()
        try:
            status = main(list(arguments))
        except SystemExit as ended:
            status = ended.code
        finally:
            configure_logs(logging.CRITICAL)  # its handler writes to what this test has captured
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


WRONG_ARGUMENTS = [
    ["nonsense"],
    ["--port", "1", "demo"],
    ["demo", "--port", "99999"],
    ["demo", "--port", "-1"],
    ["demo", "--port", "eighty"],
    ["demo", "--headless=yes"],
    ["serve", "--port", "65536"],
    ["serve", "--port", "8_0"],
    ["serve", "--port", "٨٠"],
    ["serve", "--workers", "0"],
    ["serve", "--workers", "-2"],
    ["serve", "--workers", "2"],
    ["serve", "--host"],
    ["tick"],
    ["tick", "--now", ""],
    ["tick", "--now", "yesterday"],
    ["tick", "--now", f"{NEVER}T08:00+07:00"],
    ["tick", "--now", "2022-06-10T08:00"],
    ["tick", "--now", f"{FAR}T23:59:59-12:00"],
    ["tick", "--now", "0001-01-01T00:00:00+14:00"],
    ["reminders", "--from", NEVER],
    ["reminders", "--to", FAR],
    ["reminders", "--from", "0001-01-01"],
    ["reminders", "--from", "20220610"],
    ["reminders", "--from", "2022-W01-1"],
    ["history", "as-of", "now"],
    ["history", "as-of", f"{FAR}T23:59:59-12:00"],
    ["history"],
    ["token", "create", AT_SIGN],
    ["token", "create", "a@b@c"],
    ["token", "create", "officer@so.example", "--days", "0"],
    ["token", "create", "officer@so.example", "--days", "-1"],
    ["token", "create", "officer@so.example", "--days", "99999999"],
    ["token", "create", "officer@so.example", "--days", "1e3"],
    ["token", "revoke"],
    ["factor", "enrol", AT_SIGN, "--pin"],
    ["factor", "enrol", "officer@so.example"],
    ["factor", "enrol", "officer@so.example", "--pin", "--totp"],
    ["admin", "create", AT_SIGN],
    ["admin", "create", "two words@so.example"],
    ["explain", "DN-2022-0001", AT_SIGN],
    ["doctor", "--mail", AT_SIGN],
    ["diagram", "nomination", "--format", "png"],
    ["migrate", "nomination", "--to", "-1"],
    ["migrate", "nomination", "--to", "99999999999999999999"],
    ["people", "import"],
    ["people", "dance"],
    ["backup", "."],
    ["backup", ".."],
    ["restore", "/"],
    ["move-database", "x", "y"],
    ["move-database", "sqlite:///a.db", f"postgresql://u:{SECRET}@h:port/d"],
    ["move-database", f"postgresql://u:{SECRET}@h/d", "sqlite:///a.db"],
    ["check", "\udcff.yaml"],
    ["upgrade", "nonsense"],
    ["downgrade", "nonsense"],
    ["downgrade", "-999"],
]


@pytest.mark.parametrize(
    "arguments",
    WRONG_ARGUMENTS,
    ids=lambda each: " ".join(each).encode("ascii", "replace").decode(),
)
def test_a_wrong_argument_is_one_sentence_and_status_2(thidua, arguments):
    status, out, err = thidua(*arguments)
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert SECRET not in err


def test_wrong_usage_of_verify_is_3_where_2_has_a_meaning(thidua):
    assert thidua("history", "verify", "/nowhere")[0] == 3
    assert thidua("history", "verify", "--unknown")[0] == 3
    assert thidua("history", "verify", THIDUA_TIME_ZONE="Asia/Hanoi")[0] == 3


FILES = {
    "missing": None,
    "folder": "folder",
    "garbage": BINARY,
    "empty": b"",
    "no UTF-8": b"\xff\xfe\x00",
    "unreadable": "/proc/self/mem",
}
TAKES_A_FILE = {
    "check": ["check"],
    "plan-change": ["plan-change"],
    "people import": ["people", "import"],
    "import-scxml": ["import-scxml"],
    "init --organization": ["init", "--organization"],
    "restore": ["restore"],
    "restore --verify-only": ["restore", "--verify-only"],
    "history verify": ["history", "verify"],
}
ENDINGS = {"people import": ("csv", "xlsx", "ods", "pdf"), "plan-change": ("csv", "xlsx", "yaml")}
FILE_CASES = [
    (name, kind, ending)
    for name in TAKES_A_FILE
    for kind in FILES
    for ending in ENDINGS.get(name, ("yaml",))
]


@pytest.mark.parametrize("name, kind, ending", FILE_CASES)
def test_a_file_that_cannot_be_used_is_said_in_sentences(thidua, tmp_path, name, kind, ending):
    path = tmp_path / f"tệp có dấu.{ending}"
    content = FILES[kind]
    if content == "folder":
        path.mkdir()
    elif isinstance(content, bytes):
        path.write_bytes(content)
    elif content:
        path.symlink_to(content)
    status, out, err = thidua(*TAKES_A_FILE[name], str(path))
    is_verify = name == "history verify"
    assert status == (2 if is_verify and kind == "folder" else 3 if is_verify else 1), out + err
    assert (out + err).strip()
    assert "Traceback" not in out + err


NOWHERE = "/proc/nowhere/x"
WRITES = [
    ["people", "export", NOWHERE],
    ["history", "export", NOWHERE],
    ["history", "xes", NOWHERE],
    ["backup", NOWHERE],
    ["people", "export", "a-folder"],
    ["history", "xes", "a-folder"],
    ["history", "export", "in-the-way"],
]


@pytest.mark.parametrize("arguments", WRITES, ids=" ".join)
def test_a_place_that_cannot_be_written_to_is_one_sentence(thidua, tmp_path, arguments):
    (tmp_path / "in-the-way").write_text("x", "utf-8")
    (tmp_path / "a-folder").mkdir()
    status, out, err = thidua(*arguments)
    assert (status, out) == (1, ""), out + err
    assert err.count("\n") == 1, err
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a-folder", "in-the-way"], (
        "nothing half-made is left behind"
    )


UNKNOWN = [
    ["diagram", "nonsense"],
    ["diagram", "nomination", "--item", "DN-9999-9999"],
    ["migrate", "nonsense"],
    ["migrate", "nomination", "--to", "999"],
    ["token", "create", "stranger@so.example"],
    ["token", "revoke", "nonsense"],
    ["factor", "enrol", "stranger@so.example", "--pin"],
    ["explain", "DN-2022-9999", "officer@so.example"],
    ["explain", "DN-2022-9999", "stranger@so.example"],
    ["history", "as-of", "2022-06-10T08:00+07:00", "DN-2022-9999"],
    ["worker"],
]


@pytest.mark.parametrize("arguments", UNKNOWN, ids=" ".join)
def test_what_does_not_exist_is_one_sentence_and_status_1(thidua, arguments):
    status, out, err = thidua(*arguments)
    assert (status, out, err.count("\n")) == (1, "", 1), out + err


WRONG_SETTINGS = {
    "TIME_ZONE": [
        "Asia/Hanoi",
        "+07:00",
        "Asia",
        "../etc/passwd",
        "/etc/passwd",
        "zone.tab",
        "Asia/Sài_Gòn",
    ],
    "DATABASE_URL": [
        "nonsense",
        SECRET,
        "sqlite://",
        "sqlite:///:memory:",
        f"sqlite://{SECRET}/thidua.db",
        f"sqlite:///x.db?key={SECRET}",
        f"mysql://u:{SECRET}@h/d",
        f"postgresql://u:{SECRET}@h:port/d",
        f"postgresql://u:x@{SECRET}:h:99999/d",
        f"postgresql://u:{SECRET}@h:99999/d",
        f"postgresql://u:{SECRET}@h",
    ],
    "SMTP_URL": [
        "nonsense",
        f"smtp://user:{SECRET}#x@mail.so.example:587",
        f"smtp://user:{SECRET}/x@mail.so.example:587",
        f"smtp://user:{SECRET}?x@mail.so.example:587",
        f"smtp://user:{SECRET} x@mail.so.example:587",
        f"smtp://user:[{SECRET}@mail.so.example:587",
        f"smtp://user:x@mail.so.example:{SECRET}",
        "smtp://127.0.0.1:99999?tls=none",
        "smtp://127.0.0.1:0?tls=none",
        "smtp://127.0.0.1:-1?tls=none",
        "smtp://mail:abc",
        "smtp://mail.so.example:25?tls=none",
        "smtp://mail.so.example?tls=maybe",
        f"smtp://mail.so.example?password={SECRET}",
        f"smtp://:{SECRET}@mail.so.example",
        "smtp://user@mail.so.example",
        "smtps://mail.so.example",
        "http://mail.so.example",
        "smtp://a..b",
        "smtp://",
    ],
    "SMTP_CA_FILE": ["missing.pem", ".", "/proc/self/mem", "/etc/hostname"],
    "BASE_URL": [
        "thidua.so.example",
        "ftp://thidua.so.example",
        "https://",
        "https://thidua.so.example?x=1",
        "https://thidua.so.example#x",
        f"https://user:{SECRET}@thidua.so.example",
        "https://thidua.so.example:99999",
        "https://thidua.so.example:0",
        "https://thidua.so.example:x",
        "https://thidua so.example",
        "https://-x.example",
        "https://a..b",
        "https://[::1",
        "https://*.so.example",
        "https://thidua.so.example\n.evil.example",
    ],
    "SECRET_KEYS": [
        SECRET,
        "a" * 64,
        "0123456789abcdef" * 4,
        "k1:" + SECRET,
        "k1:" + "0123456789abcdef" * 3,
        "k1:" + "00" * 32,
        "k1:" + "deadbeef" * 8,
        ":" + "0123456789abcdef" * 4,
        "k 1:" + "0123456789abcdef" * 4,
        "khóa:" + "0123456789abcdef" * 4,
        KEYS + "," + KEYS,
        KEYS + ",other:" + "0123456789abcdef" * 4,
        KEYS + ",test:" + "fedcba9876543210" * 4,
    ],
    "MAIL_FROM": [
        "Sở Ngoại vụ, tỉnh X <thidua@so.example>",
        "thidua",
        "@so.example",
        "a@b@c",
        "thidua@so.example, other@so.example",
        "thidua@so.example\nBcc: all@so.example",
        "sởngoạivụ@so.example",
        "thidua@-so.example",
    ],
    "CLOCK": [
        "now",
        "2022",
        "2022-05-04",
        "2022-05-04T08:00:00",
        f"{NEVER}T08:00+07:00",
        f"{FAR}T23:59:59-12:00",
        "0001-01-01T00:00Z",
    ],
    "DEFINITIONS": ["missing", "/etc/hostname", "\x01"],
    "DATA_DIR": ["/etc/hostname", "/etc/hostname/x", "/proc/nowhere"],
    "DEBUG": ["maybe", "2", "-1"],
    "LOCALE": ["fr", "vi_VN", "EN"],
    "TRUSTED_HOSTS": ["*", "https://so.example", "so.example:8000", "a b", "so.example/x", "a,,*"],
    "TRUSTED_PROXIES": [
        "*",
        "proxy.example",
        "0.0.0.0/0",
        "127.0.0.1,::/0",
        "0.0.0.0/1,128.0.0.0/1",
    ],
    "SMPT_URL": ["smtp://mail.so.example"],
    "NONSENSE": ["1"],
    "SECRETS_DIR": ["missing", "/etc/hostname"],
}
SETTING_CASES = [(name, value) for name, values in WRONG_SETTINGS.items() for value in values]


@pytest.mark.parametrize("name, value", SETTING_CASES)
def test_a_wrong_setting_is_one_sentence_that_names_it_and_status_2(thidua, name, value):
    settings = {f"THIDUA_{name}": value}
    command = ["init", "--sample"] if name == "DATA_DIR" else ["doctor"]
    status, out, err = thidua(*command, **settings)
    assert (status, out, err.count("\n")) == (2, "", 1), out + err
    assert f"THIDUA_{name}" in err
    assert SECRET not in err


def test_every_wrong_setting_is_named_at_once_in_the_readers_language(thidua):
    wrong = {
        "THIDUA_TIME_ZONE": "Asia/Hanoi",
        "THIDUA_DEBUG": "maybe",
        "THIDUA_SMTP_URL": "x",
        "THIDUA_LOCALE": "en",
    }
    status, _, err = thidua("serve", **wrong)
    assert status == 2
    assert [line.split(":")[0] for line in err.splitlines()] == [
        "THIDUA_DEBUG",
        "THIDUA_SMTP_URL",
        "THIDUA_TIME_ZONE",
    ]
    assert "IANA name" in err


def test_what_is_set_to_nothing_is_not_set(thidua):
    names = (
        "BASE_URL",
        "TIME_ZONE",
        "CLOCK",
        "DEFINITIONS",
        "DEBUG",
        "LOCALE",
        "SMTP_CA_FILE",
        "SECRETS_DIR",
        "MAIL_FROM",
    )
    assert thidua("reminders", **{f"THIDUA_{name}": "" for name in names})[0] == 0


@pytest.mark.parametrize(
    "line, said",
    [
        ("THIDUA_DEBUG", "dòng 2"),
        (f"= {SECRET}", "dòng 2"),
        (f"THIDUA_SECRET_KEYS='{SECRET}", "dòng 2"),
        (f"{SECRET} and more", "dòng 2"),
        (f"THIDUA_SECRET_KEY={SECRET}", "THIDUA_SECRET_KEYS"),
        (f"THIDUA_PASSWORD={SECRET}", "THIDUA_PASSWORD"),
        (f"SECRET_KEYS={SECRET}", "THIDUA_SECRET_KEYS"),
        ("THIDUA_TIME_ZONE=Asia/Hanoi", "THIDUA_TIME_ZONE"),
    ],
)
def test_a_line_of_env_that_would_go_unread_is_told_by_its_place(thidua, tmp_path, line, said):
    (tmp_path / ".env").write_text(f"# settings\n{line}\n", "utf-8")
    status, out, err = thidua("doctor")
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert said in err
    assert SECRET not in err


@pytest.mark.parametrize("content", [b"\xff\xfeT\x00", b"THIDUA_LOCALE=\xff\n", None])
def test_an_env_file_that_cannot_be_read_is_one_sentence(thidua, tmp_path, content):
    if content is None:
        (tmp_path / ".env").mkdir()
    else:
        (tmp_path / ".env").write_bytes(content)
    status, out, err = thidua("doctor")
    assert (status, out, err.count("\n")) == (2, "", 1), err
    assert ".env" in err


def test_an_env_file_from_another_system_is_read_and_other_programs_lines_are_left_alone(
    thidua, tmp_path
):
    (tmp_path / ".env").write_bytes(
        "\ufeffTHIDUA_TIME_ZONE=Asia/Hanoi\r\nPATH_TO_THINGS=x\r\n".encode()
    )
    status, _, err = thidua("doctor")
    assert status == 2
    assert "THIDUA_TIME_ZONE" in err


def test_secrets_come_from_a_folder_that_nobody_else_can_read(thidua, tmp_path):
    folder = tmp_path / "secrets"
    folder.mkdir()
    folder.chmod(0o755)
    keys = folder / "thidua_secret_keys"
    keys.write_text(KEYS.replace("test:", "filed:") + "\n", "utf-8")
    given = {"THIDUA_SECRETS_DIR": str(folder), "THIDUA_SECRET_KEYS": ""}
    keys.chmod(0o644)
    status, _, err = thidua("rotate-keys", **given)
    assert (status, "0600" in err) == (2, True)
    assert KEYS[5:20] not in err
    keys.chmod(0o600)
    (folder / "thidua_secret_key").write_text(SECRET, "utf-8")
    status, _, err = thidua("rotate-keys", **given)
    assert (status, "THIDUA_SECRET_KEYS" in err.upper()) == (2, True)
    (folder / "thidua_secret_key").unlink()
    keys.write_bytes(BINARY)
    assert thidua("rotate-keys", **given)[0] == 2
    keys.write_text(KEYS.replace("test:", "filed:") + "\n", "utf-8")
    status, out, err = thidua("rotate-keys", **given)
    assert (status, out.count("filed:")) == (0, 1), err


@pytest.mark.parametrize(
    "url",
    [
        "https://thidua.so.example/thidua",
        "https://thidua.so.example/a/b/",
        "https://thidua.so.example//x",
    ],
)
def test_a_base_url_with_a_path_is_refused_by_whatever_would_use_it(thidua, url):
    for command in (
        ["serve"],
        ["reminders"],
        ["tick", "--now", "2022-06-10T08:00+07:00"],
        ["admin", "create", "admin@so.example"],
    ):
        status, out, err = thidua(*command, THIDUA_BASE_URL=url)
        assert (status, out, err.count("\n")) == (2, "", 1), err
        assert "THIDUA_BASE_URL" in err
    status, _, err = thidua("doctor", THIDUA_BASE_URL=url)
    assert (status, err.count("THIDUA_BASE_URL")) == (1, 1), err
