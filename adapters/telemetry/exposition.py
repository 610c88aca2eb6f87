"""The text that /metrics answers with, for one worker or for several that share a folder.

One worker: its own registry. Several: each keeps its counters in memory-mapped files of a shared folder
(prometheus-client's multiprocess mode, switched on by an environment variable that the server sets before a worker
imports it), and whoever is asked adds all of them up. Facts of the log are read at that moment either way.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from adapters.telemetry.metrics import Metrics

CONTENT_TYPE = CONTENT_TYPE_LATEST
FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""What the server sets, for its workers, to the folder that they share."""

_LIVE_FILE = re.compile(r"gauge_live\w*_(\d+)\.db")


def prepared_folder(path: Path) -> Path:
    """An empty folder for the counters of a server's workers; what an earlier run left is removed.

    Counters begin at zero when the server starts, as Prometheus expects; a worker that is replaced while the server
    runs leaves its counts behind, so that sums never go back.
    """
    path.mkdir(parents=True, exist_ok=True)
    for file in path.glob("*.db"):
        file.unlink(missing_ok=True)
    return path


def exposition(counted: Metrics, facts: Iterable[Collector], folder: Path | None = None) -> bytes:
    """All metrics as OpenMetrics text.

    Args:
        counted: this worker's counters.
        facts: what is read at the moment of asking.
        folder: where several workers keep their counters; None for one worker.
    """
    shown = counted.registry if folder is None else _summed(folder)
    read = CollectorRegistry(auto_describe=False)
    for collector in facts:
        read.register(collector)
    end = b"# EOF\n"
    return b"".join(_text(each).removesuffix(end) for each in (shown, read)) + end


def _text(registry: CollectorRegistry) -> bytes:
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]  # it ships without annotations
    return text


def _summed(folder: Path) -> CollectorRegistry:
    for file in folder.glob("gauge_live*.db"):
        found = _LIVE_FILE.fullmatch(file.name)
        if found and not _is_running(int(found[1])):
            mark_process_dead(int(found[1]), str(folder))  # type: ignore[no-untyped-call]  # no annotations either
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(folder))  # type: ignore[no-untyped-call]  # nor here
    return registry


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
