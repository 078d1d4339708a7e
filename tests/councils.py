"""What tests do with a council: a nomination that waits for it, a round, its papers, its count."""

from typing import Any

from tests.conftest import CAMPAIGN, Running

DIRECTOR, CHIEF, OFFICER = "director@so.example", "chief@so.example", "officer@so.example"
STAFF, HEAD = "staff.htqt@so.example", "head.htqt@so.example"
MEMBERS = [DIRECTOR, CHIEF, HEAD, "head.ls@so.example", "head.bg@so.example"]


def nomination(
    running: Running,
    procedure: str = "council",
    campaign: str = CAMPAIGN,
    sign: str = "",
    **fields: Any,
) -> str:
    """The code of a nomination that the Office has reviewed; ``sign`` stands before its title."""
    body = running.client(STAFF).get("/definitions/nomination/example").json()
    body["fields"] |= {"procedure": procedure, **fields}
    body["campaign"], body["title"] = campaign, sign + body["title"]
    code = str(running.client(STAFF).post("/items", json=body).json()["code"])
    for transition, by in (
        ("submit", STAFF),
        ("approve_department", HEAD),
        ("review_office", OFFICER),
    ):
        answer = running.decide(code, transition, by)
        assert answer.status_code == 200, answer.text
    return code


def terms(*codes: str, **more: Any) -> dict[str, Any]:
    """A round of five members on these nominations."""
    roles = ["chair", "secretary"]
    return {
        "campaign": CAMPAIGN,
        "title": "Xét khen thưởng đợt 1",
        "held_on": "2022-05-20",
        "place": "Phòng họp A",
        "agenda": "Xét đề nghị khen thưởng",
        "threshold": "80",
        "members": [
            {"email": each, "role": roles[place] if place < len(roles) else "member"}
            for place, each in enumerate(MEMBERS)
        ],
        "cases": [{"code": each} for each in codes],
        **more,
    }


def prepared(running: Running, *codes: str, **more: Any) -> dict[str, Any]:
    answer = running.client(OFFICER).post("/council-rounds", json=terms(*codes, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def opened(running: Running, *codes: str, **more: Any) -> dict[str, Any]:
    return put_to_vote(running, prepared(running, *codes, **more)["id"])


def put_to_vote(running: Running, number: int) -> dict[str, Any]:
    """A round that is voted on; ``codes``: of the keys that its chair and its secretary took."""
    taken = []
    for who in (DIRECTOR, CHIEF):
        answer = running.client(who).post(f"/council-rounds/{number}/vote")
        assert answer.status_code == 201, answer.text
        taken.append(answer.json()["code"])
        if answer.json()["state"] == "voting":
            break
    return {**answer.json(), "codes": [each for each in taken if each]}


def cast(running: Running, found: dict[str, Any], who: str, choices: dict[str, str]) -> Any:
    """The answer to a member's paper."""
    paper = {"run": found["run"], "choices": choices}
    return running.client(who).post(f"/council-rounds/{found['id']}/papers", json=paper)


def voted(running: Running, found: dict[str, Any], choices: list[str]) -> list[str]:
    """Every member casts what stands at their place; the numbers of their papers."""
    codes = [each["code"] for each in found["cases"]]
    receipts = []
    for who, said in zip(MEMBERS, choices, strict=False):
        answer = cast(running, found, who, dict.fromkeys(codes, said))
        assert answer.status_code == 201, answer.text
        receipts.append(answer.json()["receipt"])
    return receipts


def counted(running: Running, found: dict[str, Any], by: str = OFFICER) -> dict[str, Any]:
    body = {"codes": found["codes"]}
    answer = running.client(by).post(f"/council-rounds/{found['id']}/count", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def challenged_round(running: Running, campaign: str = CAMPAIGN, sign: str = "") -> dict[str, str]:
    """A counted round with a challenge: what its addresses need."""
    code = nomination(running, campaign=campaign, sign=sign)
    words = {"title": f"{sign}Xét khen thưởng", "place": f"{sign}A", "agenda": f"{sign}Xét"}
    found = opened(running, code, campaign=campaign, **words)
    voted(running, found, ["agree"] * 4 + ["blank"])
    counted(running, found)
    path = f"/council-rounds/{found['id']}/challenges"
    said = running.client(HEAD).post(path, json={"words": f"{sign}Đếm lại"})
    assert said.status_code == 201, said.text
    return {
        "round_id": str(found["id"]),
        "member": str(running.person(HEAD).id),
        "challenge": str(said.json()["challenges"][0]["id"]),
    }
