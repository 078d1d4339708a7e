"""What leaves the house, by the settings: mail over a relay, checkpoints to be time-stamped.

Loaded only where one of them is set.
"""

from dataclasses import replace

from api.settings import Settings
from notifications.delivery import Delivery, Post
from notifications.relay import parse_relay
from notifications.smtp import SmtpTransport
from notifications.timestamps import Timestamps
from workflow.context import Context
from workflow.database import Database
from workflow.errors import UsageError
from workflow.history.timestamps import TimestampAuthority
from workflow.links import Keys
from workflow.lookups.agency import Agency
from workflow.messages import lazy


def open_outgoing(
    settings: Settings, context: Context, keys: Keys, agency: Agency, database: Database
) -> tuple[Delivery | None, Timestamps | None]:
    """Return what delivers the outbox and what has checkpoints stamped, where that is set.

    Raises UsageError where a certificate is missing.
    """
    has_relay = bool(settings.smtp_url)
    return (
        _delivery(settings, context, keys, agency, database) if has_relay else None,
        _timestamps(settings, context) if settings.timestamp_url else None,
    )


def _timestamps(settings: Settings, context: Context) -> Timestamps:
    file = settings.timestamp_certificate
    if file is None:
        raise UsageError(
            lazy(
                "THIDUA_TIMESTAMP_URL needs THIDUA_TIMESTAMP_CERTIFICATE: the file with the "
                "authority's root certificate (PEM), by which its answers are checked."
            )
        )
    authority = TimestampAuthority.from_pem(file.read_bytes())
    return Timestamps(context=context, url=settings.timestamp_url, authority=authority)


def _delivery(
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
