"""Make the environment that a command needs, then go on inside it.

Owns ``.venv`` beside the sources. Standard library only: it runs on a machine that has python3 and pip and nothing
else (no ensurepip, and a pip that refuses to install outside an environment). It must never import the product.
"""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
_WINDOWS = os.name == "nt"
_PYTHON = ENVIRONMENT / ("Scripts/python.exe" if _WINDOWS else "bin/python")

_LAUNCHER = """#!{python}
import sys
sys.path.insert(0, {root!r})
from api.cli import main
raise SystemExit(main())
"""


def enter(module: str, locks: Sequence[str]) -> None:
    """Return inside the environment of ``locks[0]``; outside, set it up and run ``module`` there instead.

    ``locks`` are hash-pinned requirement lists; an environment made from any of them serves (a later list must hold
    all that the first one holds). Raises SystemExit with the exit status of the command run inside.
    """
    if not any(_is_current(lock) for lock in locks):
        _set_up(locks[0])
    if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
        return
    command = [str(_PYTHON), "-m", module, *sys.argv[1:]]
    if _WINDOWS:
        raise SystemExit(subprocess.call(command))  # noqa: S603 - our own module
    os.execv(command[0], command)  # noqa: S606 - our own module


def _fingerprint(lock: str) -> str:
    return hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()


def _stamp(lock: str) -> Path:
    return ENVIRONMENT / f".{lock}.sha256"


def _is_current(lock: str) -> bool:
    stamp = _stamp(lock)
    return _PYTHON.exists() and stamp.exists() and stamp.read_text("ascii") == _fingerprint(lock)


def _set_up(lock: str) -> None:
    print("Đang chuẩn bị môi trường (chỉ lần đầu, khoảng một phút) / Setting up, first time only …", file=sys.stderr, flush=True)
    if not _PYTHON.exists():
        _run([sys.executable, "-m", "venv", "--without-pip", str(ENVIRONMENT)])
    pip = [_base_python(), "-m", "pip", "--python", str(_PYTHON), "-qq", "--disable-pip-version-check"]
    _run([*pip, "install", "--require-hashes", "--only-binary", ":all:", "-r", str(ROOT / lock)])
    _write_launcher()
    # The stamp comes last: an interrupted set-up has none and is done again.
    _stamp(lock).write_text(_fingerprint(lock), "ascii")


def _base_python() -> str:
    """Return the interpreter outside the environment: the one that has pip."""
    name = "python.exe" if _WINDOWS else f"bin/python{sys.version_info.major}.{sys.version_info.minor}"
    base = Path(sys.base_prefix) / name
    return str(base) if base.exists() else sys.executable


def _write_launcher() -> None:
    launcher = _PYTHON.parent / ("thidua.py" if _WINDOWS else "thidua")
    launcher.write_text(_LAUNCHER.format(python=_PYTHON, root=str(ROOT)), "utf-8")
    launcher.chmod(0o755)
    if _WINDOWS:
        (_PYTHON.parent / "thidua.cmd").write_text('@"%~dp0python.exe" "%~dp0thidua.py" %*\n', "utf-8")


def _run(command: Sequence[str]) -> None:
    status = subprocess.call(list(command), cwd=ROOT)  # noqa: S603 - venv and pip
    if status:
        raise SystemExit(
            f"Không chuẩn bị được môi trường: lệnh '{command[2]}' kết thúc với mã {status}. Kiểm tra kết nối tới kho gói Python "
            f"rồi chạy lại. / Setting up failed with exit {status}: check the connection to the package index and run it again."
        )
