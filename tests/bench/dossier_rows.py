"""The rows of a large dossier, made by those who decide: over HTTP, in a product of its own."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.dossier import Rows
from tests.conftest import CAMPAIGN, Running, running_at
from tests.consolidated import consolidated, handed_in
from tests.councils import CHIEF, DIRECTOR, MEMBERS, OFFICER, cast, counted, nomination, opened
from tests.maker import Maker, Wanted
from tests.waiting import until

_NOMINEES, _ALONE = 200, 6
_CLERK = "clerk@so.example"


def _row(number: int) -> dict[str, object]:
    name = f"Tập thể nghiệp vụ số {number}, Phòng Hợp tác quốc tế và Quản lý biên giới"
    return {
        "nominee_kind": "collective",
        "nominee": name,
        "members": 6,
        "nominee_unit": "Sở Ngoại vụ",
        "award": "giay_khen" if number % 2 else "bang_khen_tinh",
        "certificate_text": "Có thành tích xuất sắc trong phong trào thi đua",
        "achievements": f"{name} hoàn thành tốt nhiệm vụ được giao. " * 5,
    }


def _nominations(running: Running) -> list[str]:
    """Return the codes of a list of 200 and of six alone that the Office has reviewed."""
    body = running.client(OFFICER).get("/definitions/nomination/example").json()
    rows = [_row(each) for each in range(_NOMINEES)]
    taken = {name: None for name in rows[0] if name in body["fields"]}
    return [
        nomination(running, listed=True, nominees=rows, **taken),
        *(
            nomination(running, nominee=f"Tổ công tác {each}", achievements=f"Việc {each}. " * 20)
            for each in range(_ALONE)
        ),
    ]


def _passed(running: Running, codes: list[str]) -> int:
    """Let a round of the council pass all of them; return its number."""
    found = opened(running, *codes)
    for who in MEMBERS:
        answer = cast(running, found, who, {each["code"]: "agree" for each in found["cases"]})
        assert answer.status_code == 201, answer.text
    counted(running, found)
    closed = running.client(CHIEF).post(f"/council-rounds/{found['id']}/close")
    assert closed.status_code == 200, closed.text
    return int(found["id"])


def _gathered(running: Running) -> str:
    """Return the code of the agency's report, of three departments'."""
    body = {
        "campaign": CAMPAIGN,
        "kind": "interim",
        "departments": ["hop-tac-quoc-te", "lanh-su", "quan-ly-bien-gioi"],
        "due_at": "2022-06-15T17:00:00+07:00",
    }
    due = running.client(OFFICER).post("/deadlines", json=body).json()["id"]
    for each in ("htqt", "ls", "bg"):
        handed_in(running, each)
    return consolidated(running, str(due))["consolidated"]


def _sent(running: Running, codes: list[str]) -> int:
    """Let the clerk send all under one number; return the sealed dossier."""
    items = [running.client(OFFICER).get(f"/items/{each}").json() for each in codes]
    named = [{"code": each["code"], "version": each["version"]} for each in items]
    sent = running.client(_CLERK).post("/dossiers", json={"items": named})
    assert sent.status_code == 201, sent.text
    number = int(sent.json()["id"])
    path = f"/dossiers/{number}/package"
    until(lambda: running.client(_CLERK).get(path).status_code == 200, seconds=90)
    return number


@contextlib.contextmanager
def rows_of(reports: int) -> Iterator[Rows]:
    """Make the rows of a dossier; of so many nominations of one, where that is not 0."""
    with tempfile.TemporaryDirectory(prefix="thidua-bench") as folder:
        with running_at("127.0.0.1", Path(folder) / "data", "") as running:
            settings = running.parts.settings
            if reports:
                made = Maker(running).items(
                    [
                        Wanted(
                            kind="nomination",
                            department="hop-tac-quoc-te",
                            state="director_signed",
                            title=f"Đề nghị {each}",
                            fields={"nominee": f"Tổ {each}", "achievements": f"Việc {each}. " * 20},
                        )
                        for each in range(reports)
                    ]
                )
                rows = Rows(settings=settings, dossier=_sent(running, made))
            else:
                codes = _nominations(running)
                number, report = _passed(running, codes), _gathered(running)
                for each in codes:
                    signed = running.decide(each, "sign_director", DIRECTOR, pin="246810")
                    assert signed.status_code == 200, signed.text
                dossier = _sent(running, codes)
                rows = Rows(settings=settings, dossier=dossier, round=number, report=report)
        yield rows
