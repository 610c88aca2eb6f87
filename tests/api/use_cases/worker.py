"""A second worker in a process of its own: `python -m tests.api.use_cases.worker HOME POLICY TASK`.

orders: ten orders of 0.6 of the account under keys of its own; prints how many were let out.
dispatch-STEP: hands the outbox over and kills itself, without a word, at a step of it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from adapters.brokers.simulated import SimulatedBroker
from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder
from api.bootstrap import open_service, shell_clock
from api.broker_parts import BROKER
from api.use_cases.broker import Dispatcher
from governance.writer import Writer
from nodes.vocabulary.executions import Acknowledgement
from tests.api.use_cases.services import command, paper_settings, submitted

STEPS = ("before", "inserted", "told", "recording")
LARGE_SHARES = 3000
ORIGIN = "research/workers"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class DyingBroker(SimulatedBroker):
    """A broker in whose middle its process is killed."""

    def __init__(self, path: Path, step: str) -> None:
        super().__init__(path)
        self._step = step

    def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
        if self._step == "before":
            _die()
        words = super().handed_over(orders)
        if self._step == "told":
            _die()
        return words

    def _word(self, cl_ord_id: str) -> Acknowledgement:
        if self._step == "inserted":
            _die()
        return super()._word(cl_ord_id)


def dispatch(home: Path, step: str) -> None:
    def clock() -> datetime:
        _die()
        return shell_clock()

    folder = log_folder(home, ORIGIN)
    with Writer(folder.store) as writer:
        broker = DyingBroker(home / BROKER, step)
        Dispatcher(folder.store, writer, broker, clock if step == "recording" else shell_clock).dispatched()


def orders(home: Path, policy: Path, worker: str) -> int:
    settings = paper_settings(home, origin=ORIGIN, policy=policy)
    with open_service(settings, bundled_lake()) as service:
        asked = [command(f"{worker}-{at}", order_shares=LARGE_SHARES) for at in range(10)]
        outcomes = [future.result() for future in [submitted(service, each) for each in asked]]
    return sum(outcome.answer.action == "act" for outcome in outcomes)


if __name__ == "__main__":
    home, policy, task = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    if task.startswith("dispatch-"):
        dispatch(home, task.removeprefix("dispatch-"))
    else:
        sys.stdout.write(f"{orders(home, policy, str(os.getpid()))}\n")
