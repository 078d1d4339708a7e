"""What a form or a file says of a campaign to launch."""

import re
from collections.abc import Mapping, Sequence

from starlette.datastructures import FormData

from api.web.dates import iso_day
from api.web.forms import texts_in
from notifications.translation import translate
from workflow import values
from workflow.definition import Campaign, LaunchWords, load_campaign, read_campaign
from workflow.errors import InvalidRefusal, reason
from workflow.values import searchable

_UNFIT = re.compile(r"[^a-z0-9]+")
_ID_LIMIT = 55
_NAME_LIMIT = 300
_DAYS = frozenset({"starts_on", "ends_on", "plan_issued_on", "own_issued_on"})
"""Of its column."""


def read_launch_file(body: bytes, name: str) -> Campaign:
    """Return the campaign of a YAML file.

    Raises InvalidInputError with the place of each problem, InvalidRefusal where it is no text.
    """
    try:
        return load_campaign(body.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        raise InvalidRefusal(
            reason("file", "The plan must be a YAML text file in UTF-8.")
        ) from None


def _typed_in(form: FormData) -> dict[str, str]:
    """Return what was typed, its days in ISO 8601."""
    return {
        name: iso_day(value) if name in _DAYS else value.strip()
        for name, value in texts_in(form).items()
    }


def campaign_from_form(
    form: FormData, *, agency: str, known: Sequence[Campaign], words: LaunchWords
) -> Campaign:
    """Return the campaign that a form describes; duties and recipients are the latest campaign's.

    Raises InvalidInputError, InvalidRefusal.
    """
    typed = _typed_in(form)
    name = typed.get("name", "")
    if wrong := values.line_fault(name, _NAME_LIMIT):
        raise InvalidRefusal(reason("name", "The movement's name {wrong}", wrong=wrong))
    missing = [
        label
        for field, label in (
            ("starts_on", translate("first day")),
            ("ends_on", translate("last day")),
            ("purpose", translate("purpose")),
            ("requirements", translate("requirements")),
            ("criteria", translate("criteria")),
            *_plans_begun(typed),
        )
        if not values.is_filled(typed.get(field, ""))
    ]
    if missing:
        raise InvalidRefusal(
            reason(
                "missing",
                "Missing: {missing}. Fill them in, then send again.",
                missing=", ".join(missing),
            )
        )
    year = typed["starts_on"][:4]
    slug = _UNFIT.sub("-", searchable(name)).strip("-")[:_ID_LIMIT].strip("-")
    identity = slug if year in slug else f"{slug[: _ID_LIMIT - 5].strip('-')}-{year}"
    # Sent twice, the form must say the same: the campaign that it made is not the one before it.
    latest = next((each for each in reversed(known) if each.id != identity), None)
    is_linked = latest is not None and typed.get("linked") == "yes"
    said = (latest or words).model_dump(mode="json", include={"organization", "recipients"})
    return read_campaign(
        {
            **said,
            **_plan(typed, words),
            "id": identity,
            "year": values.counter(year) or 0,
            "owner": agency,
            "linked_campaigns": [latest.id] if latest and is_linked else [],
        }
    )


def _plans_begun(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return what is asked of a plan that is named in part; none need be named at all."""
    above = [
        ("plan_number", translate("number of the superior's plan")),
        ("plan_issued_on", translate("issuing day of the superior's plan")),
        ("plan_issuer", translate("issuer")),
    ]
    own = [
        ("own_number", translate("number of the agency's own plan")),
        ("own_issued_on", translate("issuing day of the agency's own plan")),
    ]
    return [
        each
        for plan in (above, own)
        if any(values.is_filled(typed.get(field, "")) for field, _ in plan)
        for each in plan
    ]


def _plan(typed: Mapping[str, str], words: LaunchWords) -> dict[str, object]:
    """Return what the plan says, as typed and in the words that every plan has."""
    name = typed["name"]
    within = name[:1].lower() + name[1:]
    above = {
        "number": typed.get("plan_number"),
        "issued_on": typed.get("plan_issued_on"),
        "issuer": typed.get("plan_issuer"),
    }
    return {
        "name": name,
        "form": typed.get("form") or "themed",
        "launch_document": {
            "kind": "KH",
            "title": words.title.replace("{name}", within),
            "number": typed.get("own_number") or None,
            "issued_on": typed.get("own_issued_on") or None,
            "signed_by": words.signed_by,
            "closing": words.closing.replace("{name}", within),
        },
        "parent_plan": above if above["number"] else None,
        "purpose": typed["purpose"],
        "requirements": _lines(typed["requirements"]),
        "recognition": [each.model_dump(mode="json") for each in words.recognition],
        "content": [
            {
                "id": "content",
                "title": words.content,
                "criteria": [
                    {"id": f"criterion_{number}", "text": line}
                    for number, line in enumerate(_lines(typed["criteria"]), 1)
                ],
            }
        ],
        "starts_on": typed["starts_on"],
        "ends_on": typed["ends_on"],
    }


def _lines(text: str) -> list[str]:
    return [line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t")]
