"""Delivery over SMTP, by the settings; loaded only where a relay is set."""

from dataclasses import replace

from api.settings import Settings
from notifications.delivery import Delivery, Post
from notifications.relay import parse_relay
from notifications.smtp import SmtpTransport
from workflow.context import Context
from workflow.database import Database
from workflow.links import Keys
from workflow.lookups.agency import Agency


def smtp_delivery(
    settings: Settings, context: Context, keys: Keys, agency: Agency, database: Database
) -> Delivery:
    """Return what delivers the outbox to the relay of the settings."""
    transport = SmtpTransport(
        relay=parse_relay(settings.smtp_url, settings.smtp_ca_file), sender=settings.sender.envelope
    )
    post = Post(
        context=context,
        keys=keys,
        agency=agency,
        base_url=settings.base_url.rstrip("/"),
        sender=replace(settings.sender, name=settings.sender.name or agency.name),
        reply_to=settings.reply_to,
        transport=transport,
        language=settings.locale,
    )
    return Delivery(database, post)
