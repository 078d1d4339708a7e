"""Help inside the product: the tasks of each role, searchable without diacritics."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.auth.callers import Asker, Parts
from api.web.help_tasks import Task, Topic, help_for, own_first, topics
from api.web.hints import FirstStep, first_steps
from api.web.rendering import Page, render_page
from notifications.translation import language
from workflow.errors import NotFoundRefusal
from workflow.messages import lazy
from workflow.values import searchable

router = APIRouter(prefix="/help")
_AROUND: Final = 60
"""How many characters an excerpt shows before what was found; after it, twice as many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A task that holds what was searched for, and a piece of its text around that."""

    topic: Topic
    task: Task
    excerpt: Sequence[tuple[str, bool]]
    """Words, and whether they are what was searched for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpPage(Page):
    """The tasks of a role, or what was found of all; of ``topics`` the reader's own comes first."""

    template: ClassVar[str] = "help.html"
    topics: Sequence[Topic]
    first_steps: Sequence[FirstStep] = ()
    q: str = ""
    topic: Topic | None = None
    found: Sequence[Found] = ()


def _search(own: str, words: Sequence[str]) -> Iterator[Found]:
    for topic in own_first(own):
        for task in topic.tasks:
            said = searchable(f"{task.heading} {task.plain}")
            if all(word in said for word in words):
                yield Found(topic=topic, task=task, excerpt=_excerpt(task.plain, words))


def _is_named(task: Task, words: Sequence[str]) -> bool:
    return all(word in searchable(task.heading) for word in words)


def _excerpt(text: str, words: Sequence[str]) -> list[tuple[str, bool]]:
    """Return whole words of ``text`` around the first of the words searched for."""
    plain = text.split()

    def is_meant(each: str) -> bool:
        return any(word in searchable(each) for word in words)

    at = next((n for n, each in enumerate(plain) if is_meant(each)), 0)
    first = last = at
    while first and len(" ".join(plain[first - 1 : at])) < _AROUND:
        first -= 1
    while last < len(plain) and len(" ".join(plain[at : last + 1])) < 2 * _AROUND:
        last += 1
    parts = [(" ".join(found), is_hit) for is_hit, found in groupby(plain[first:last], is_meant)]
    return [
        *([("…", False)] if first else []),
        *parts,
        *([("…", False)] if last < len(plain) else []),
    ]


@router.get("")
async def list_topics(request: Request, parts: Parts, asker: Asker, q: str = "") -> Response:
    """Show the roles, the asker's first; with ``q`` the tasks that hold every word of it."""
    words = searchable(q[:200]).split()
    own = help_for(asker.person)
    found = sorted(_search(own, words), key=lambda each: not _is_named(each.task, words))
    shown = HelpPage(
        topics=own_first(own),
        first_steps=await parts.database.read(
            lambda connection: first_steps(connection, asker.person)
        ),
        q=q[:200].strip(),
        found=found,
    )
    return render_page(request, asker, shown)


@router.get("/{name}")
async def show_topic(request: Request, asker: Asker, name: str) -> Response:
    """Show the tasks of one role."""
    topic = topics(language()).get(name)
    if topic is None:
        raise NotFoundRefusal(lazy("this help page"))
    own = help_for(asker.person)
    shown = HelpPage(topics=own_first(own), topic=topic)
    return render_page(request, asker, shown)
