"""What a token is good for: a small vocabulary, and which of it each route asks for.

Owns the one judgement of every route, of the interface and of pages. A scope only ever takes away:
what a token's person may not do, no scope gives. A route that is not named here is open to no token
that has scopes, so a new one is closed until somebody says otherwise.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Final

from workflow.errors import NotPermittedRefusal, reason


class TokenScope(StrEnum):
    """One thing that a token may be good for."""

    READ = "read"
    ITEMS = "items"
    DECIDE = "decide"
    OFFICE = "office"
    PEOPLE = "people"
    ACCOUNT = "account"
    PRIVACY = "privacy"
    HISTORY = "history"
    METRICS = "metrics"


ABOUT: Final[Mapping[TokenScope, str]] = {
    TokenScope.READ: "read items, deadlines, campaigns and people; not the whole history",
    TokenScope.ITEMS: "draft and edit items, attach files, comment, ask for opinions",
    TokenScope.DECIDE: "decide on items, take back, hand over (a factor is asked for as ever)",
    TokenScope.OFFICE: "deadlines, reminders, extensions, campaigns, good examples, "
    "council rounds, inspections, awards of earlier years",
    TokenScope.PEOPLE: "people, departments, delegations, absences, proposals",
    TokenScope.ACCOUNT: "see and end one's own sessions and tokens, read one's own data",
    TokenScope.PRIVACY: "all that is held on a person, requests of data subjects, erasure, "
    "pending matters",
    TokenScope.HISTORY: "read and export the whole history, checkpoints, proofs; findings",
    TokenScope.METRICS: "the figures for a monitor",
}
"""What each opens, for the OpenAPI document."""
_API = "/api/v1/"
FOR_EVERY_TOKEN = frozenset({"/api/v1/me", "/api/v1/openapi.json"})
_DECIDING = (
    *("/transitions", "/undo", "/recuse", "/reassign"),
    *("/amendments", "/deliveries", "/recipient-links/revoke", "/seal"),
)
_HELD_ON_PERSON = "/api/v1/people/{email}/data"
_READ_BY = {
    "privacy": TokenScope.PRIVACY,
    "proceedings": TokenScope.PRIVACY,
    "history": TokenScope.HISTORY,
    "findings": TokenScope.HISTORY,
    "checkpoints": TokenScope.HISTORY,
    "me": TokenScope.ACCOUNT,
}
_READ = frozenset(
    {
        "absences",
        "campaigns",
        "council-rounds",
        "deadlines",
        "definitions",
        "delegations",
        "departments",
        "dossiers",
        "inspections",
        "items",
        "merits",
        "past-awards",
        "people",
        "proposals",
        "register",
        "reminders",
    }
)
_WRITTEN_BY = {
    "absences": TokenScope.PEOPLE,
    "campaigns": TokenScope.OFFICE,
    "council-rounds": TokenScope.OFFICE,
    "deadlines": TokenScope.OFFICE,
    "delegations": TokenScope.PEOPLE,
    "departments": TokenScope.PEOPLE,
    "dossiers": TokenScope.DECIDE,
    "extensions": TokenScope.OFFICE,
    "findings": TokenScope.HISTORY,
    "inspections": TokenScope.OFFICE,
    "items": TokenScope.ITEMS,
    "me": TokenScope.ACCOUNT,
    "merits": TokenScope.OFFICE,
    "past-awards": TokenScope.OFFICE,
    "people": TokenScope.PEOPLE,
    "privacy": TokenScope.PRIVACY,
    "proceedings": TokenScope.PRIVACY,
    "proposals": TokenScope.PEOPLE,
    "register": TokenScope.OFFICE,
}


def scope_of_route(method: str, template: str | None) -> TokenScope | None:
    """Return the scope that a route asks a token for; None: no token with scopes comes in."""
    if template == "/metrics":
        return TokenScope.METRICS
    if template is None or not template.startswith(_API):
        return None
    if template == _HELD_ON_PERSON:
        return TokenScope.PRIVACY
    about = template.removeprefix(_API).partition("/")[0]
    if method in {"GET", "HEAD"}:
        return _READ_BY.get(about, TokenScope.READ if about in _READ else None)
    if about == "items" and template.endswith(_DECIDING):
        return TokenScope.DECIDE
    return _WRITTEN_BY.get(about)


def require_scope(held: Collection[TokenScope] | None, method: str, template: str | None) -> None:
    """Let pass a token that is good for a route; ``held`` None: for all.

    Who asks, and how the interface is made, every token may ask. Raises NotPermittedRefusal.
    """
    if held is None or (template in FOR_EVERY_TOKEN and method == "GET"):
        return
    needed = scope_of_route(method, template)
    if needed is None:
        raise NotPermittedRefusal(
            reason(
                "scope", "A token with scopes does not open this. Use a session, or another token."
            )
        )
    if needed not in held:
        raise NotPermittedRefusal(
            reason(
                "scope",
                "This token is not good for this: the scope “{scope}” is missing. Ask for a token "
                "with it.",
                scope=needed.value,
            )
        )


def kept(scopes: Collection[TokenScope]) -> str | None:
    """Return how scopes are kept with a token; None for one that has none, and so gives all."""
    return " ".join(sorted(scopes)) or None


def read_scopes(text: str | None) -> frozenset[TokenScope] | None:
    """Return what ``kept`` wrote; a name that this program does not know opens nothing."""
    if text is None:
        return None
    return frozenset(each for each in TokenScope if each in text.split())
