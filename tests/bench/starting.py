"""How long until the first answer: the whole application against the bare stack."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from statistics import median as middle

from api.bootstrap import ROOT
from api.server.run import free_port
from tests.bench.results import Line, ratio

BARE = """
import sys
import aiosmtplib, argon2, jinja2, python_multipart, orjson, pydantic_settings, pyotp, sqlalchemy, structlog, transitions
from sqlalchemy import create_engine, text
from fastapi import FastAPI
import uvicorn
from ruamel.yaml import YAML
engine = create_engine("sqlite://")
app = FastAPI()
@app.get("/healthz/live")
async def live():
    return {"status": "ok"}
uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


def first_answer(command: list[str], port: int, environment: dict[str, str]) -> float:
    began = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while time.perf_counter() - began < 60:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/live", timeout=5):
                    return time.perf_counter() - began
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None, f"{command} ended before it answered"
                time.sleep(0.005)
        raise AssertionError("no answer within a minute")
    finally:
        process.terminate()
        process.wait(20)


def measure(rounds: int) -> list[Line]:
    """Return the ratio of the two, rounds interleaved."""
    folder = Path(tempfile.mkdtemp(prefix="thidua-bench"))
    environment = {
        **os.environ,
        "THIDUA_DATA_DIR": str(folder),
        "THIDUA_DATABASE_URL": "",
        "THIDUA_SECRET_KEYS": "bench:" + "0123456789abcdef" * 4,
    }
    # Both start from compiled modules, as an installed product does; setting up compiles ours once.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    subprocess.run(
        [sys.executable, "-m", "api", "init", "--sample"],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    first_answer(
        [sys.executable, "-m", "api", "serve", "--port", str(warm := free_port(None))],
        warm,
        {**environment, "THIDUA_BASE_URL": f"http://127.0.0.1:{warm}"},
    )
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(rounds):
        port = free_port(None)
        bare.append(first_answer([sys.executable, "-c", BARE, str(port)], port, environment))
        port = free_port(None)
        ours.append(
            first_answer(
                [sys.executable, "-m", "api", "serve", "--port", str(port)],
                port,
                {**environment, "THIDUA_BASE_URL": f"http://127.0.0.1:{port}"},
            )
        )
    shutil.rmtree(folder, ignore_errors=True)
    beside = {"bare_ms": round(middle(bare) * 1000), "ours_ms": round(middle(ours) * 1000)}
    return [ratio("P10 first answer, times the bare stack", ours, bare, **beside)]
