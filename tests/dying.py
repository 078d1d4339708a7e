"""A process that seals, signs and lets out, and is killed at one of its steps."""

import asyncio
import os
import signal
from collections.abc import Callable

from api.composition import open_application
from api.settings import load_settings
from workflow.sealer import CheckpointReason
from workflow.store import sealed_log
from workflow.store.prepared import Prepared


def work(settings: dict[str, object], stride: int, dies_at: int) -> None:
    """Work on a deployment; SIGKILL comes before or after the statement that is counted so."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def dying(run: Callable[..., object]) -> Callable[..., object]:
        def stepped(*given: object) -> object:
            step()
            done = run(*given)
            step()
            return done

        return stepped

    async def go() -> None:
        await parts.sealer.checkpoint(CheckpointReason.DEMAND)
        await parts.anchors.let_out(parts.database)

    sealed_log.STRIDE, sealed_log.WIDTH = stride, 1 << stride
    parts = open_application(load_settings(**settings))
    Prepared._execute = dying(Prepared._execute)
    Prepared.many = dying(Prepared.many)
    asyncio.run(go())
    parts.close()
