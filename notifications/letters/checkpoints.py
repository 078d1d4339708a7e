"""The words of the mail that takes a checkpoint of the history out of the house."""

from notifications.mail_context import Desk, LetterFact, LetterText
from notifications.mail_parameters import AnchorParameters
from notifications.messages import OutboxMessage
from notifications.translation import translate
from workflow.history.checkpoints import hex_groups, parse_note
from workflow.store import sealed_log


def anchor(desk: Desk, message: OutboxMessage[AnchorParameters]) -> LetterText:
    """Give a checkpoint to somebody who keeps it, and say how it is checked.

    Raises ValueError where there is none of that size any more: it was let out, and is gone.
    """
    size = message.parameters.size
    checkpoint = sealed_log.checkpoint_of(desk.connection, size)
    if checkpoint is None:
        raise ValueError(f"there is no checkpoint of {size} entries")
    root = parse_note(checkpoint.note).checkpoint.root
    made_at = checkpoint.made_at.astimezone(desk.context.calendar.zone)
    return LetterText(
        subject=translate(
            "[Keep] Checkpoint of the history, {day}: {size} entries",
            day=desk.day(checkpoint.made_at),
            size=size,
        ),
        heading=translate("Please keep this mail. There is nothing else to do."),
        paragraphs=(
            translate(
                "It holds a checkpoint: a fingerprint of every entry that the history of {name} "
                "had at that moment. Whoever changes, removes or adds an entry before it can no "
                "longer make the history agree with this mail.",
                name=desk.agency.name,
            ),
            translate(
                "To check: save this mail as a file, and have it held against the history with "
                "“history verify --checkpoint FILE”, or against an export with the verifier "
                "that lies in it."
            ),
        ),
        facts=(
            LetterFact(label=translate("Made at"), value=made_at.strftime("%H:%M, %d/%m/%Y")),
            LetterFact(label=translate("Entries"), value=str(size)),
            LetterFact(label=translate("Fingerprint"), value=" ".join(hex_groups(root))),
        ),
        action=desk.way(translate("See the history"), "history")
        if message.person is not None
        else desk.write_back(),
        verbatim=checkpoint.note.rstrip("\n"),
        small_print=(
            translate(
                "The framed lines are the name of the log, the number of entries and their "
                "fingerprint (in base64; above in the form of certificates); the last one is the "
                "system's signature."
            ),
        ),
    )
