"""django-fsm-2, guarded by its own ConcurrentTransitionMixin, its log one INSERT by its own signal."""

from typing import Any

from tests.bench.peers import django_site
from tests.bench.peers.child import arguments

django_site.set_up(*arguments())

from django.db import transaction  # noqa: E402 - after the site is set up
from django_fsm import ConcurrentTransitionMixin, FSMField, transition  # noqa: E402
from django_fsm.signals import post_transition  # noqa: E402

from tests.bench.peers import rows  # noqa: E402


class Nomination(ConcurrentTransitionMixin, rows.Item):
    """An item whose state is django-fsm's."""

    state = FSMField(default="submitted", protected=True)

    class Meta:
        app_label = "peers"

    @transition(
        field=state,
        source="submitted",
        target="department_approved",
        permission=lambda _, user: user.role == "head",
    )
    def approve(self) -> None:
        """Approve for the department."""


def _logged(instance: Any, source: str, **_: Any) -> None:
    rows.note(instance, source)


class Peer:
    """Select, transition with its permission, guarded update, log and outbox."""

    rows = rows.GROWN

    def fill(self, count: int) -> list[int]:
        return rows.filled(Nomination, count)

    def decide(self, key: int) -> None:
        with transaction.atomic():
            item = Nomination.objects.get(pk=key)
            assert item.approve.__self__ is item
            assert rows.User.role == "head"
            item.approve()
            item.version += 1
            item.save(update_fields=("state", "version"))

    def counts(self) -> dict[str, int]:
        return rows.counts(Nomination)


post_transition.connect(_logged, sender=Nomination)
django_site.create(Nomination, rows.Entry, rows.Outbox)
