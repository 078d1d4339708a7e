"""The rows that floor A and Django's peers write, as models of Django."""

from typing import Any

from django.db import models
from django.utils.timezone import now


class Item(models.Model):
    """An item; its state is moved by the library."""

    state = models.CharField(max_length=40, default="submitted")
    version = models.IntegerField(default=2)

    class Meta:
        app_label = "peers"
        abstract = True


class Entry(models.Model):  # noqa: DJ008 - nobody shows it
    """A row of history."""

    item = models.BigIntegerField()
    seq = models.IntegerField()
    source = models.CharField(max_length=40)
    target = models.CharField(max_length=40)
    actor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        app_label = "peers"
        constraints = (models.UniqueConstraint(fields=("item", "seq"), name="one_entry"),)


class Outbox(models.Model):  # noqa: DJ008 - likewise
    """A mail to be sent."""

    key = models.CharField(max_length=120, unique=True)
    params = models.TextField()

    class Meta:
        app_label = "peers"


class User:
    """Who decides."""

    id = 7
    role = "head"


def note(item: Any, source: str) -> None:
    """Write history and outbox, one INSERT each."""
    seq = item.version + 1
    Entry.objects.create(
        item=item.pk, seq=seq, source=source, target=item.state, actor=User.id, at=now()
    )
    Outbox.objects.create(key=f"task:{item.pk}:{seq}", params='{"step":3}')


def filled(model: Any, count: int) -> list[int]:
    """Make items that are ``submitted``."""
    return [each.pk for each in model.objects.bulk_create(model() for _ in range(count))]


def counts(model: Any) -> dict[str, int]:
    """Return how many rows there are of each kind, and how many items have moved."""
    return {
        "moved": model.objects.filter(state="department_approved").count(),
        "history": Entry.objects.count(),
        "outbox": Outbox.objects.count(),
    }


GROWN = {"moved": 1, "history": 1, "outbox": 1}
