"""The texts of help: tasks by role and language, and which page each is about.

A file a role, a heading a task, below it in a comment the task's name and the pages that it is
about; above the first task of a group, in a comment that begins with =, what the group is called.
Owns how they are read; what they say is theirs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Final

from api.program_name import program
from notifications.translation import language
from workflow.model import Person, Position

_FOLDER = Path(__file__).parents[1] / "help"
_ORDER = ("staff", "approver", "office", "director", "clerk", "auditor", "admin")
_OWN = {
    Position.STAFF: "staff",
    Position.HEAD: "approver",
    Position.DEPUTY: "approver",
    Position.CHIEF: "office",
    Position.OFFICER: "office",
    Position.DIRECTOR: "director",
    Position.DEPUTY_DIRECTOR: "director",
    Position.CLERK: "clerk",
    Position.AUDITOR: "auditor",
    Position.ADMIN: "admin",
}

_FIRST: Final = {
    "staff": ("plan", "draft", "follow"),
    "approver": ("decide", "together", "absence"),
    "office": ("mend", "board", "deadline"),
    "director": ("sign", "sign-many", "progress"),
    "clerk": ("send", "dossier", "register"),
    "auditor": ("read", "verify", "finding"),
    "admin": ("edit", "people", "server"),
}
"""With what a newcomer begins, by the name of the page of help."""
_TASK: Final = re.compile(
    r"^(?:<!-- = (.+) -->\n)?## (.+)\n<!-- ([a-z-]+)(?:: (.+))? -->\n", re.MULTILINE
)
_STEP: Final = re.compile(r"^\d\. ", re.MULTILINE)
_SENTENCE: Final = re.compile(r"(?<=[.!?]) ")
_MARKUP: Final = re.compile(r"!\[.*?\]\(.*?\)|^\d\. |\*\*|`", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to do: its name in the address, its steps, and the pages that it is about."""

    name: str
    heading: str
    text: str
    """In CommonMark."""
    pages: Sequence[str]
    """Patterns of addresses."""
    group: str
    """What the tasks from this one on are called together; empty within a group."""

    @property
    def plain(self) -> str:
        """Return the text without its markup."""
        return " ".join(_MARKUP.sub("", self.text).split())

    @property
    def lead(self) -> str:
        """Return the first sentence of the first step."""
        return _SENTENCE.split(self.plain, maxsplit=1)[0]

    @property
    def steps(self) -> int:
        """Return how many steps it has."""
        return len(_STEP.findall(self.text))

    @property
    def begins_at(self) -> str:
        """Return the page to begin on; empty where that is the page of one thing or another."""
        return next((each for each in self.pages if "*" not in each), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """The tasks of one role: its name in the address, and its heading."""

    name: str
    heading: str
    tasks: Sequence[Task]

    @property
    def first_steps(self) -> list[Task]:
        """Return the tasks that a newcomer begins with, in their order."""
        named = {each.name: each for each in self.tasks}
        return [named[each] for each in _FIRST[self.name]]


@cache
def topics(code: str) -> Mapping[str, Topic]:
    """Return every role's tasks in one language, in the order of the menu."""
    return {
        name: _read(name, (_FOLDER / code / f"{name}.md").read_text("utf-8")) for name in _ORDER
    }


def _read(name: str, text: str) -> Topic:
    heading, *parts = _TASK.split(text.replace("`thidua ", f"`{program()} "))
    tasks = [
        Task(name=task, heading=title, text=body, pages=(pages or "").split(), group=group or "")
        for group, title, task, pages, body in zip(*[iter(parts)] * 5, strict=True)
    ]
    return Topic(name=name, heading=heading.removeprefix("# ").strip(), tasks=tasks)


def help_for(person: Person) -> str:
    """Return the name of a person's own page of help."""
    return _OWN[person.position]


def own_topic(person: Person) -> Topic:
    """Return a person's own tasks, in the reader's language."""
    return topics(language())[help_for(person)]


def help_address(person: Person, path: str) -> str:
    """Return where the help tells what to do on the page at ``path``: in one's own role first."""
    own = help_for(person)
    for topic in own_first(own):
        about = [
            (len(page), task) for task in topic.tasks for page in task.pages if fnmatch(path, page)
        ]
        if about:
            return f"/help/{topic.name}#{max(about, key=lambda each: each[0])[1].name}"
    return f"/help/{own}"


def own_first(own: str) -> list[Topic]:
    """Return every role's tasks, those of ``own`` first."""
    every = topics(language())
    return [every[own], *(each for each in every.values() if each.name != own)]
