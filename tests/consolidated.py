"""What tests do with the agency's report: a department's, handed in, and both gathered in one."""

from typing import Any

from tests.conftest import CAMPAIGN, Running

OFFICER = "officer@so.example"


def handed_in(
    running: Running, short: str, campaign: str = CAMPAIGN, sign: str = "", **fields: Any
) -> str:
    """The code of a report that its head has approved; ``sign`` stands before its words."""
    author, head = f"staff.{short}@so.example", f"head.{short}@so.example"
    client = running.client(author)
    body = client.get("/definitions/department_report/example").json()
    body["fields"] |= {"plans": f"{sign}Tiếp tục.", **fields}
    body["campaign"], body["title"] = campaign, sign + body["title"]
    made = client.post("/items", json=body)
    assert made.status_code == 201, made.text
    code = str(made.json()["code"])
    for transition, by in (("submit", author), ("approve_department", head)):
        answer = running.decide(code, transition, by)
        assert answer.status_code == 200, answer.text
    return code


def consolidated(running: Running, deadline: str) -> dict[str, str]:
    """The Office gathers what is handed in: the value for addresses of that report."""
    made = running.client(OFFICER).post(f"/deadlines/{deadline}/gather", json={})
    assert made.status_code == 201, made.text
    return {"consolidated": str(made.json()["code"])}
