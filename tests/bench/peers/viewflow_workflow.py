"""viewflow.workflow by its leanest task, a handle; its task table is its history; one outbox row beside."""

from typing import Any

from tests.bench.peers import django_site
from tests.bench.peers.child import arguments

django_site.set_up(
    *arguments(),
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "viewflow",
    "viewflow.workflow",
    "tests.bench.peers",
)

from django.core.management import call_command  # noqa: E402 - after the site is set up
from viewflow import this  # noqa: E402
from viewflow.workflow import flow, lock  # noqa: E402
from viewflow.workflow.models import Process, Task  # noqa: E402
from viewflow.workflow.status import STATUS  # noqa: E402

from tests.bench.peers import rows  # noqa: E402


class Approval(flow.Flow):
    """A nomination waits for its head of department, then for the Office."""

    process_class = Process
    lock_impl = lock.no_lock
    start = flow.StartHandle(this.begin).Next(this.approve)
    approve = flow.Handle(this.approved).Next(this.review)
    review = flow.Handle().Next(this.end)
    end = flow.End()

    def begin(self, activation: Any) -> Any:
        return activation.process

    def approved(self, activation: Any) -> None:
        assert rows.User.role == "head"
        rows.Outbox.objects.create(key=f"task:{activation.task.pk}", params='{"step":3}')


class Peer:
    """One handle run: lock, task done, next task made, outbox."""

    rows = {"done": 1, "tasks": 1, "outbox": 1}  # noqa: RUF012 - a constant

    def fill(self, count: int) -> list[Any]:
        for _ in range(count):
            Approval.start.run()
        waiting = Task.objects.filter(flow_task=Approval.approve, status=STATUS.NEW)
        return list(waiting.select_related("process"))

    def decide(self, key: Any) -> None:
        Approval.approve.run(key)

    def counts(self) -> dict[str, int]:
        tasks = Task.objects
        return {
            "done": tasks.filter(flow_task=Approval.approve, status=STATUS.DONE).count(),
            "tasks": tasks.count(),
            "outbox": rows.Outbox.objects.count(),
        }


call_command("migrate", verbosity=0)
django_site.create(rows.Outbox)
