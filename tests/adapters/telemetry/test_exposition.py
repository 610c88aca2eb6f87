"""The text of /metrics: OpenMetrics that a parser takes, for one worker and for several (API-SIG-11)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from adapters.sql.sqlite import sqlite_log
from adapters.telemetry.exposition import FOLDER_VARIABLE, exposition, prepared_folder
from adapters.telemetry.log_facts import log_collector
from adapters.telemetry.metrics import OrderTimes, metrics
from tests.governance.examples import NOON, ORIGIN

WORKER = """
import sys
from adapters.telemetry.metrics import OrderTimes, metrics
given = metrics()
given.workers_up.set(1)
given.queue_depth.set(5)
times = OrderTimes(given)
for _ in range(int(sys.argv[1])):
    times.answered("pass", "act", 0.004)
print("counted", flush=True)
sys.stdin.read()
"""
ASKED = """
import sys
from pathlib import Path
from adapters.telemetry.exposition import exposition
from adapters.telemetry.metrics import metrics
sys.stdout.buffer.write(exposition(metrics(), (), Path(sys.argv[1])))
"""


def _values(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # no annotations
        for sample in family.samples
    }


def _log_facts(path: Path) -> Collector:
    return log_collector(sqlite_log(path / "log.db", ORIGIN), lambda: NOON)


def test_text_is_openmetrics(tmp_path: Path) -> None:
    given = metrics()
    OrderTimes(given).answered("pass", "act", 0.004)
    text = exposition(given, [_log_facts(tmp_path)]).decode()
    values = _values(text)
    assert text.endswith("# EOF\n")
    assert values["assay_decisions_total", (("action", "act"), ("verdict", "pass"))] == 1
    assert values["assay_log_up", ()] == 1


def test_workers_are_added_up_and_a_dead_one_leaves_its_counts_but_no_gauge(tmp_path: Path) -> None:
    folder = prepared_folder(tmp_path / "metrics")
    environment = {**os.environ, FOLDER_VARIABLE: str(folder)}
    workers = [
        subprocess.Popen(  # noqa: S603  # this Python, this text
            [sys.executable, "-c", WORKER, str(n_orders)],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for n_orders in (3, 4)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "counted\n"
    both = _asked(folder, environment)
    workers[0].kill()
    workers[0].communicate()
    one = _asked(folder, environment)
    workers[1].communicate()
    counted = ("assay_decisions_total", (("action", "act"), ("verdict", "pass")))
    assert (both[counted], one[counted]) == (7, 7)
    assert (both["assay_workers_up", ()], one["assay_workers_up", ()]) == (2, 1)
    assert (both["assay_queue_depth", ()], one["assay_queue_depth", ()]) == (10, 5)
    assert both["assay_order_seconds_bucket", (("hop", "total"), ("le", "+Inf"))] == 7


def _asked(folder: Path, environment: dict[str, str]) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    done = subprocess.run(  # noqa: S603  # this Python, this text
        [sys.executable, "-c", ASKED, str(folder)], env=environment, capture_output=True, check=True, text=True
    )
    return _values(done.stdout)


def test_a_new_run_begins_at_zero(tmp_path: Path) -> None:
    (tmp_path / "counter_1.db").write_bytes(b"of an earlier run")
    assert list(prepared_folder(tmp_path).iterdir()) == []
