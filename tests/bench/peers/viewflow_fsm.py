"""viewflow.fsm with a history: its transition and permission, the row moved by one guarded update."""

from typing import Any

from tests.bench.peers import django_site
from tests.bench.peers.child import arguments

django_site.set_up(*arguments())

from django.db import models, transaction  # noqa: E402 - after the site is set up
from viewflow import fsm  # noqa: E402

from tests.bench.peers import rows  # noqa: E402


class Stage(models.TextChoices):
    """The states."""

    SUBMITTED = "submitted"
    DEPARTMENT_APPROVED = "department_approved"


class Nomination(rows.Item):
    """An item."""

    class Meta:
        app_label = "peers"


class Flow:
    """A flow over one item."""

    stage = fsm.State(Stage, default=Stage.SUBMITTED)

    def __init__(self, item: Nomination) -> None:
        self.item = item

    @stage.setter()
    def _set(self, value: Any) -> None:
        self.item.state = value

    @stage.getter()
    def _get(self) -> Any:
        return Stage(self.item.state)

    @stage.on_success()
    def _moved(self, _: Any, source: Any, target: Any) -> None:
        moved = Nomination.objects.filter(
            pk=self.item.pk, state=source.value, version=self.item.version
        ).update(state=target.value, version=self.item.version + 1)
        assert moved == 1
        rows.note(self.item, source.value)

    @stage.transition(
        source=Stage.SUBMITTED,
        target=Stage.DEPARTMENT_APPROVED,
        permission=lambda _, user: user.role == "head",
    )
    def approve(self) -> None:
        """Approve for the department."""


class Peer:
    """Select, permission, transition, guarded update, history and outbox."""

    rows = rows.GROWN

    def fill(self, count: int) -> list[int]:
        return rows.filled(Nomination, count)

    def decide(self, key: int) -> None:
        with transaction.atomic():
            flow = Flow(Nomination.objects.get(pk=key))
            assert flow.approve.has_perm(rows.User)
            flow.approve()

    def counts(self) -> dict[str, int]:
        return rows.counts(Nomination)


django_site.create(Nomination, rows.Entry, rows.Outbox)
