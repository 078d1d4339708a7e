"""A naive reference for one item: no database, no versions of pages, no speed; written from the rules, not from the code.

The process: a staff member drafts; head or deputy check it; chief, deputy director and director sign off, two of three;
whoever is concerned steps aside; the last decision may be taken back within ten minutes while nobody has acted since.
"""

from dataclasses import dataclass, field

AUTHOR, HEAD, DEPUTY, CHIEF, SECOND, DIRECTOR = (
    "staff.htqt",
    "head.htqt",
    "deputy.htqt",
    "chief",
    "deputy.director",
    "director",
)
PEOPLE = (AUTHOR, HEAD, DEPUTY, CHIEF, SECOND, DIRECTOR, "head.ls", "officer")
ASKED = {"checking": (HEAD, DEPUTY), "council": (CHIEF, SECOND, DIRECTOR)}
LEADERS = frozenset(PEOPLE) - {AUTHOR, "officer"}
"""Who may stand in for somebody of another position, where the process says nothing else."""
NEEDED = 2
UNDOABLE = {"pass_on", "return"}
UNDO_MINUTES = 10
"""Some time always passes besides, so ten whole minutes are too late."""


@dataclass
class Reference:
    """What should be true of one item."""

    state: str = "drafted"
    minutes: int = 0
    recused: set[str] = field(default_factory=set)
    stands_in: dict[str, list[str]] = field(default_factory=dict)
    """Who stands in for whom, in the order of the delegations."""
    answers: dict[str, str] = field(default_factory=dict)
    last: tuple[str, str, str, int] | None = None
    """The last decision that nobody has followed: who, transition, from where, when."""
    taken: list[tuple[str, str]] = field(default_factory=list)
    seats_spoken_for: list[tuple[str, str]] = field(default_factory=list)
    """Who decided for which seat, beside ``taken``: nobody stands in who has decided for another seat."""
    version: int = 1
    step: int = 1

    def seats(self) -> list[str]:
        return [each for each in ASKED.get(self.state, ()) if each not in self.recused]

    def speaks_for(self) -> dict[str, str]:
        """Who may act now, and for which seat."""
        if self.state == "drafted":
            return {AUTHOR: AUTHOR}
        found = {seat: seat for seat in self.seats()}
        for seat in sorted(self.seats(), key=self.order):
            for other in self.stands_in.get(seat, []):
                if other in LEADERS and other not in self.recused:
                    found.setdefault(other, seat)
        return found

    def order(self, seat: str) -> int:
        return ASKED[self.state].index(seat)

    def holders(self) -> set[str]:
        found = self.speaks_for()
        if self.state != "council" or not self.answers or self.settled(self.answers):
            return set(found)
        return {who for who, seat in found.items() if seat not in self.answers}

    def settled(self, answers: dict[str, str]) -> str | None:
        members = {*self.seats(), *answers}
        agree = {seat for seat, answer in answers.items() if answer == "agree"}
        against = set(answers) - agree
        if len(agree) >= NEEDED:
            return "agree"
        return None if len(members - against) >= NEEDED else "refuse"

    def decide(self, who: str, transition: str, to: str) -> bool:
        """Do what ``who`` wants if the rules allow it; return whether they do."""
        ways = {
            "submit": ("drafted", ("checking",)),
            "withdraw": ("checking", ("drafted",)),
            "pass_on": ("checking", ("council",)),
            "return": (
                self.state,
                ("drafted",) if self.state == "checking" else ("drafted", "checking"),
            ),
            "agree": ("council", ("done",)),
            "refuse": ("council", ("ended",)),
        }
        source, targets = ways[transition]
        if (
            self.state != source
            or to not in targets
            or (transition == "return" and self.state not in ASKED)
        ):
            return False
        is_authors = transition in {"submit", "withdraw"}
        if is_authors and who != AUTHOR:
            return False
        if not is_authors and who not in self.holders():
            return False
        if transition in {"agree", "refuse"} and (who, "pass_on") in self.taken:
            return False
        if transition == "pass_on" and any(
            (who, each) in self.taken for each in ("agree", "refuse")
        ):
            return False
        seat = who if is_authors else self.speaks_for()[who]
        if seat != who and any(
            each == who and other != seat for each, other in self.seats_spoken_for
        ):
            return False
        self.taken.append((who, transition))
        self.seats_spoken_for.append((who, seat))
        if transition in {"agree", "refuse"}:
            return self.answer(who, transition, to)
        self.enter(to)
        self.last = (who, transition, source, self.minutes)
        return True

    def answer(self, who: str, transition: str, to: str) -> bool:
        answers = {**self.answers, self.speaks_for()[who]: transition}
        if self.settled(answers) == transition:
            self.enter(to)
        else:
            self.answers = answers
            self.version += 1
        self.last = None
        return True

    def enter(self, state: str) -> None:
        self.state, self.answers = state, {}
        self.version += 1
        self.step += 1

    def undo(self, who: str) -> bool:
        if self.last is None:
            return False
        actor, transition, source, at = self.last
        if (
            transition not in UNDOABLE
            or (who != actor and (who not in {CHIEF, "officer"} or who in self.recused))
            or self.minutes - at >= UNDO_MINUTES
        ):
            return False
        at = max(place for place, each in enumerate(self.taken) if each == (actor, transition))
        del self.taken[at], self.seats_spoken_for[at]
        self.enter(source)
        self.last = None
        return True

    def recuse(self, who: str) -> bool:
        if self.state not in ASKED or who not in self.holders():
            return False
        self.recused.add(who)
        return True
