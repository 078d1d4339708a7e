"""What is held on a person, handed out: as JSON, and as an archive of files with an explanation.

Owns who may have it (the person, and the Office for them; that it was handed out is noted), and
which command erases what is asked for.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson
from fastapi import Request

from api.auth.access_log import AccessKind, NoteAccess
from api.auth.callers import application
from api.auth.sessions import Caller
from notifications.requests_in_words import cut_words, outside_words
from notifications.translation import translate
from workflow.canonical import instant
from workflow.command import AnyCommand, Cause
from workflow.commands.erase_person import ErasePerson
from workflow.commands.erase_text import EraseNote, EraseText
from workflow.definition import PrivacyRules
from workflow.messages import Message, lazy
from workflow.model import Person, PersonId
from workflow.people import require_office
from workflow.queries import privacy
from workflow.rules.erasing import Wanted

SECTIONS: Final[Mapping[str, Message]] = {
    "person": lazy("Name, address, position, department"),
    "acts": lazy("What you did and what was recorded about you, from the history"),
    "factors": lazy("Which factors you have; never what they are"),
    "passkeys": lazy("Passkeys"),
    "sessions": lazy("Sessions"),
    "api_tokens": lazy("API tokens"),
    "account_changes": lazy("Changes of your account that you can or could take back"),
    "calendar_feed": lazy("The address of your calendar"),
    "invitations": lazy("Links to set a password"),
    "preferences": lazy("Preferences"),
    "saved_views": lazy("Saved lists"),
    "typed_and_not_saved": lazy("What was typed and not saved"),
    "delegations": lazy("Delegations"),
    "absences": lazy("Absences"),
    "items_authored": lazy("Items that you drafted"),
    "items_naming_them": lazy("Items that name you"),
    "items_held": lazy("Items that wait for you"),
    "dossiers_sent": lazy("Dossiers that you sent"),
    "files_attached": lazy("Files that you attached"),
    "opinions": lazy("Opinions asked and given"),
    "links": lazy("Links that were mailed to you"),
    "merits_noted": lazy("Good examples that you noted"),
    "notes_on_merits": lazy("Notes on good examples"),
    "plans_read": lazy("Plans that you have read"),
    "extensions": lazy("More time asked for and decided"),
    "reminders": lazy("Reminders"),
    "reminders_put_off": lazy("Reminders put off"),
    "mails": lazy("Mails to you"),
    "accesses": lazy("Accesses"),
    "proposals": lazy("Proposals made and answered"),
    "proposal_links": lazy("Links to proposals that were mailed to you"),
    "findings": lazy("Findings that you opened or that ask you"),
    "notes_on_findings": lazy("Notes on findings"),
    "rounds": lazy("Rounds of the council that you prepared, counted or ended"),
    "seats_in_councils": lazy("Rounds of the council that you sit in"),
    "open_votes": lazy("Your votes in open votes of the council"),
    "links_to_vote": lazy("Links to vote that were mailed to you"),
    "challenges": lazy("Challenges to counts that you made or answered"),
    "inspections": lazy("Inspections that you planned or go to"),
    "notes_on_inspections": lazy("What you wrote of inspections"),
    "proceedings": lazy("What is or was pending against you: discipline, inspection, complaint"),
    "proceedings_recorded": lazy(
        "Pending matters of others that you wrote down; not what they are"
    ),
    "proceeding_corrections": lazy("Corrections of how what was pending against you ended"),
    "proceeding_corrections_recorded": lazy(
        "Corrections of ends that you wrote down or confirmed; not what they are"
    ),
    "past_awards": lazy("Imported awards that you were given in earlier years"),
    "past_awards_recorded": lazy(
        "Awards that you imported, confirmed or withdrew; not whose they are"
    ),
    "requests": lazy("Requests on personal data"),
    "holds": lazy("Holds placed and lifted"),
    "holds_on_them": lazy("Holds on your data"),
}
"""What each part is called, in the order in which a page shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedErasure:
    """What is to be erased of which subject (``item:CODE``, ``person:ID`` …), and why."""

    subject: str
    why: str
    wanted: Wanted = field(default_factory=Wanted)
    request: int | None = None


def erasing(asked: AskedErasure, cause: Cause) -> AnyCommand:
    """Return the command that erases what is asked for."""
    kind, _, name = asked.subject.partition(":")
    why, request = asked.why, asked.request
    if kind == "person" and name.isdecimal():
        return ErasePerson(person=PersonId(int(name)), why=why, request=request, cause=cause)
    if kind == "item":
        return EraseText(code=name, wanted=asked.wanted, why=why, request=request, cause=cause)
    return EraseNote(subject=asked.subject, why=why, request=request, cause=cause)


async def personal_data_of(request: Request, asker: Caller, person: Person) -> dict[str, object]:
    """Return all that is held on ``person``, as the interface shows it.

    Raises NotPermittedRefusal.
    """
    data, rules = await _handed_out(request, asker, person)
    return {
        "email": person.email,
        "at": instant(application(request).clock.now()),
        "data": data,
        "cut": [name for name in SECTIONS if privacy.is_cut(data[name])],
        "outside": {"backups_months": rules.backups.months, "source": rules.backups.source},
    }


async def _handed_out(
    request: Request, asker: Caller, person: Person
) -> tuple[dict[str, privacy.Rows], PrivacyRules]:
    """Return what is held by its parts, with the rules; note who had it.

    Raises NotPermittedRefusal.
    """
    parts = application(request)
    if person.id != asker.person.id:
        require_office(asker.person)
    data, rules = await parts.database.report(
        lambda connection: (
            privacy.held_on(parts.context, connection, person),
            privacy.privacy_rules(connection),
        )
    )
    noted = NoteAccess.of(
        request, AccessKind.PERSONAL_DATA_READ, person=asker.person.id, note=f"person:{person.id}"
    )
    await parts.database.write(noted)
    return {name: data[name] for name in SECTIONS}, rules


async def personal_archive(request: Request, asker: Caller, person: Person) -> bytes:
    """Return the same as an archive: a file for each part, and one that explains them."""
    data, rules = await _handed_out(request, asker, person)
    buffer = io.BytesIO()
    lines = [
        translate("Personal data of {name} ({email})", name=person.name, email=person.email),
        "",
        *(
            f"{name}.json: {translate(label)} ({len(data[name])})"
            for name, label in SECTIONS.items()
        ),
        "",
        *(cut_words(SECTIONS[name]) for name in SECTIONS if privacy.is_cut(data[name])),
        outside_words(rules),
        "",
    ]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", "\n".join(lines))
        for name in SECTIONS:
            archive.writestr(f"{name}.json", orjson.dumps(data[name], option=orjson.OPT_INDENT_2))
    return buffer.getvalue()
