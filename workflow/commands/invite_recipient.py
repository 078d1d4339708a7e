"""Let whom a dossier is for fetch and answer it: the link that goes out with a sending by mail.

Owns who gets such a link and until when, and that the clerk takes it back. Answers nothing.
"""

from datetime import timedelta

from workflow.commands.decision import PlannedDecision
from workflow.commands.execute import Transaction
from workflow.links import ID_BYTES, RecipientLink
from workflow.lookups.agency import load_agency
from workflow.model import DispatchChannel
from workflow.recipient_events import RecipientInvited
from workflow.store import recipient_links

ANSWER_LIVES = timedelta(days=90)
"""How long the answer may be given: a decision on awards takes weeks."""


def invite_recipient(transaction: Transaction, planned: PlannedDecision) -> None:
    """Let whom a dossier is for fetch and answer it, where it leaves by mail."""
    dispatch, connection = planned.dispatch, transaction.connection
    if dispatch is None or dispatch.channel is not DispatchChannel.MAIL:
        return
    recipient = load_agency(connection).recipient
    if recipient is None or not planned.plan.transition.sends:
        return
    item, now = planned.item, transaction.now
    link = RecipientLink(
        id=transaction.context.entropy(ID_BYTES),
        item_id=item.id,
        version=item.version + 1,
        recipient=recipient.id,
        name=recipient.name,
        address=recipient.email,
        created_at=now,
        expires_at=now + ANSWER_LIVES,
    )
    # After the dispatch that it leads to, which is among the last writes too.
    transaction.write_last(lambda: recipient_links.insert_link(connection, link))
    invited = RecipientInvited(
        item=item.id,
        code=item.code,
        address=link.address,
        name=link.name,
        link=link.id.hex(),
        number=dispatch.notation,
        issued_on=dispatch.issued_on,
    )
    transaction.emit([invited])
