"""What the tests of links share: people, a waiting item with its link, and a POST as a browser sends it."""

from dataclasses import dataclass
from typing import Any

import httpx2

from tests.conftest import Running

STAFF, HEAD, DEPUTY = "staff.htqt@so.example", "head.htqt@so.example", "deputy.htqt@so.example"
OFFICER, CHIEF, DIRECTOR, AUDITOR = (
    "officer@so.example",
    "chief@so.example",
    "director@so.example",
    "auditor@so.example",
)
PIN = "246810"


@dataclass
class Waiting:
    """An item that waits for somebody who got a link."""

    running: Running
    code: str
    link: str
    version: str

    @property
    def token(self) -> str:
        return self.link.rsplit("/", 1)[1]

    @property
    def state(self) -> str:
        return self.running.state_of(self.code)

    def entries(self) -> list[dict[str, Any]]:
        return list(self.running.client(AUDITOR).get(f"/items/{self.code}/history").json()["data"])

    def moves(self) -> list[str]:
        return [each["transition"] for each in self.entries() if each["type"] == "transition"]

    def post(self, decision: str = "approve_department", **more: Any) -> httpx2.Response:
        return post(self.link, decision, **{"version": self.version, **more})


def post(
    link: str, decision: str = "approve_department", version: str = "2", **more: Any
) -> httpx2.Response:
    return httpx2.post(link, data={"decision": decision, "version": version, **more}, timeout=60)


def waiting_for(running: Running, person: str = HEAD, state: str = "submitted") -> Waiting:
    item = running.item_in(state)
    return Waiting(
        running, item["code"], running.link_for(item["code"], person), str(item["version"])
    )
