"""The campaign of the sample agency played whole, by a story that is data.

Each act of ``campaign.yaml`` is a request that one of its people makes on a day; what it says must
be refused is refused. Nothing is written but by the product's own commands.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from ruamel.yaml import YAML

from api.app import create_app
from api.cli.demo.demo import open_demo
from api.cli.demo.interface import FailedError, Interface, RefusedError, require
from api.server.run import beside, free_port
from notifications.translation import translate
from workflow.errors import InvalidInputError

_Answer = Mapping[str, JsonValue]
_STORY: Final = Path(__file__).with_name("campaign.yaml")
_NAMED: Final = re.compile(r"\$([a-z_]+)(?:\.([a-z]+))?")
_MORNING: Final = time(8, 30)


class StoryAct(BaseModel):
    """One request of the story; what it names besides goes with a transition."""

    model_config = ConfigDict(extra="allow", frozen=True)

    by: str = ""
    post: str = ""
    patch: str = ""
    take: str = ""
    of: str | tuple[str, ...] = ()
    vote: str = ""
    otherwise: dict[str, JsonValue] = Field(default_factory=dict)
    body: JsonValue = None
    called: str = Field(default="", alias="as")
    refused: str = ""


class StoryDay(BaseModel):
    """What happens on a day, in this order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: date
    acts: tuple[StoryAct, ...]


def story_days() -> Sequence[StoryDay]:
    """Return the days of the story, in their order."""
    read = YAML(typ="safe").load(_STORY.read_text("utf-8"))
    return [StoryDay.model_validate(each) for each in read["days"]]


@dataclass(slots=True)
class CampaignPlayer:
    """Plays the story against a served demo of its own."""

    interface: Interface
    tell: Callable[[str], None]
    answers: dict[str, _Answer] = field(default_factory=dict)
    """What was answered, by the name that the story gives it."""
    refusals: list[RefusedError] = field(default_factory=list)
    """What was refused, as the story says."""

    def play(self, until: date) -> None:
        """Play every day up to ``until``, and end on its morning. Raises FailedError."""
        for day in story_days():
            if day.on > until:
                break
            self._go_to(day.on)
            for act in day.acts:
                self._do(act)
            self.tell(
                translate(
                    "{day}: {count} step",
                    "{day}: {count} steps",
                    day=f"{day.on:%d/%m/%Y}",
                    count=len(day.acts),
                )
            )
        self._go_to(until)

    def _go_to(self, day: date) -> None:
        """Let the mails of the day before leave, and begin another."""
        self.interface.deliver()
        calendar = self.interface.demo.parts.context.calendar
        self.interface.go_to(calendar.at(day, _MORNING))
        self.interface.deliver()

    def _do(self, act: StoryAct) -> None:
        try:
            answer = self._asked(act)
        except RefusedError as exc:
            if act.refused not in exc.rules:
                raise
            self.refusals.append(exc)
        else:
            require(
                not act.refused,
                translate("{act} was not refused by {rule}", act=act, rule=act.refused),
            )
            if act.called:
                self.answers[act.called] = answer

    def _asked(self, act: StoryAct) -> _Answer:
        if act.vote:
            return self._vote(act)
        by = f"{act.by}@so.example"
        if act.take:
            names = [act.of] if isinstance(act.of, str) else act.of
            return [self._take(by, act, each) for each in names][-1]
        if act.patch:
            path = f"/items/{self._filled(act.patch)}"
            version = self.interface.call(by, f"GET {path}")["version"]
            headers = {"If-Match": f'"{version}"'}
            return self._call(by, f"PATCH {path}", self._filled(act.body), headers)
        return self._call(by, f"POST {self._filled(act.post)}", self._filled(act.body))

    def _call(
        self, by: str, asked: str, body: JsonValue, headers: Mapping[str, str] | None = None
    ) -> _Answer:
        answer: _Answer = self.interface.call(by, asked, body, headers)
        return answer

    def _take(self, by: str, act: StoryAct, name: str) -> _Answer:
        path = f"/items/{self._named(name)}"
        version = self.interface.call(by, f"GET {path}")["version"]
        body = {**(act.model_extra or {}), "transition": act.take, "version": version}
        return self._call(by, f"POST {path}/transitions", body)

    def _vote(self, act: StoryAct) -> _Answer:
        """Let every member cast a paper on what does not concern them: agreed, if not otherwise."""
        path = f"/council-rounds/{self._named(act.vote)}"
        otherwise = self._filled(act.otherwise)
        answer: _Answer = {}
        for member in self.interface.call("officer@so.example", f"GET {path}")["members"]:
            who = member["email"]
            found = self.interface.call(who, f"GET {path}")
            said = otherwise.get(who.partition("@")[0]) if isinstance(otherwise, dict) else None
            choices = dict(said) if isinstance(said, dict) else {}
            for each in found["cases"]:
                if who not in each["concerned"]:
                    choices.setdefault(each["code"], "agree")
            answer = self._call(
                who, f"POST {path}/papers", {"run": found["run"], "choices": choices}
            )
        return answer

    def _filled(self, value: JsonValue) -> JsonValue:
        """Return ``value`` with what it names of earlier answers."""
        match value:
            case dict():
                return {str(self._filled(key)): self._filled(each) for key, each in value.items()}
            case list():
                return [self._filled(each) for each in value]
            case str():
                return _NAMED.sub(lambda found: str(self._named(found[1], found[2])), value)
        return value

    def _named(self, name: str, member: str | None = None) -> JsonValue:
        """Return what an earlier answer says: its code or number, where no member is named."""
        answer = self.answers.get(name)
        if answer is None:
            raise FailedError(translate("the story names nothing {name} before", name=name))
        return answer[member] if member else answer.get("code", answer.get("id"))


def play_until(folder: Path, port: int, day: date, tell: Callable[[str], None]) -> None:
    """Set up a demo in ``folder`` on whose campaign all has happened up to ``day``; once.

    Raises InvalidInputError where the folder holds another demo, FailedError where a step is not as
    it should be.
    """
    mark = folder / "played"
    if mark.exists() and mark.read_text("utf-8") == day.isoformat():
        return
    if folder.exists() and any(folder.iterdir()):
        raise InvalidInputError(
            translate(
                "The folder {folder} holds a demo that was not played up to {day}. Delete it, or "
                "choose another one with --data.",
                folder=folder,
                day=day,
            )
        )
    with open_demo(folder, port) as running:
        own_port = free_port(None)
        app = create_app(running.parts, mailbox=running.mailbox, has_clock=False)
        with beside(app, own_port) as loop:
            interface = Interface(running, f"http://127.0.0.1:{own_port}", loop)
            CampaignPlayer(interface, tell).play(day)
            tell(interface.verify())
    mark.write_text(day.isoformat(), "utf-8")
