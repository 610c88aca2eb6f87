"""`assay data fetch` and `assay data feeds`: what vendors have, into the lake, and how the feeds are."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adapters.feeds.feed_metrics import feed_metrics
from adapters.lake.domains.feed_runs import DONE
from api.bootstrap import alert_desk, fact_store, shell_clock
from api.cli.edge import NO
from api.cli.output import JsonOption, err, out, print_json
from api.cli.place import chosen
from api.cli.progress import progress
from api.feed_parts import collector, feed_keeper, feed_source, wanted_feeds
from api.use_cases.feed_keeping import PAUSE_S
from api.use_cases.feeds import Collected, collected, feed_states
from nodes.vocabulary.instants import instant_from_text

LakeOption = Annotated[
    Path | None, typer.Option("--lake", help="Folder of the lake.", metavar="FOLDER", show_default="ASSAY_LAKE")
]


def fetch(
    name: Annotated[str, typer.Argument(help="The feed, e.g. yahoo.", metavar="SOURCE")],
    feeds: Annotated[
        Path | None,
        typer.Option("--feeds", help="The file that describes it.", metavar="FILE", show_default="ASSAY_FEEDS"),
    ] = None,
    lake: LakeOption = None,
    until: Annotated[
        str | None, typer.Option("--until", help="Up to this instant, e.g. 2026-11-20T21:00:00Z.", show_default="now")
    ] = None,
    metrics_file: Annotated[
        Path | None, typer.Option("--metrics", help="Write Prometheus metrics of the run there.", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch what a vendor has since the last run; run it again as often as you like."""
    settings = chosen(None)
    wanted, metrics = wanted_feeds(settings, feeds), feed_metrics()
    ends_at = None if until is None else instant_from_text(until)
    with alert_desk(settings, lake) as desk:
        source = feed_source(name, wanted, settings, desk.store, shell_clock())
        with progress() as told:
            run = collected(collector(desk, metrics, told), source, ends_at)
    if metrics_file is not None:
        metrics.written(metrics_file)
    _print_run(run, as_json=as_json)
    if run.outcome != DONE:
        raise typer.Exit(NO)


def keep(
    feeds: Annotated[
        Path | None,
        typer.Option("--feeds", help="The file that describes them.", metavar="FILE", show_default="ASSAY_FEEDS"),
    ] = None,
    lake: LakeOption = None,
    metrics_file: Annotated[
        Path | None, typer.Option("--metrics", help="Write Prometheus metrics of the runs there.", metavar="FILE")
    ] = None,
) -> None:
    """Keep feeds up until it is ended: each is fetched as often as the terms of resilience say."""
    settings = chosen(None)
    wanted, metrics = wanted_feeds(settings, feeds), feed_metrics()
    with alert_desk(settings, lake) as desk, _ended() as is_over:
        keeper = feed_keeper(wanted, settings, desk, metrics)
        while not is_over.is_set():
            for run in keeper.kept():
                _print_run(run, as_json=True)
                if metrics_file is not None:
                    metrics.written(metrics_file)
            is_over.wait(PAUSE_S)


@contextmanager
def _ended() -> Iterator[threading.Event]:
    """A block in which SIGTERM and SIGINT do not end the process but are noted: what was begun is finished."""
    is_over = threading.Event()
    before = {number: signal.signal(number, lambda *_: is_over.set()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield is_over
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def list_feeds(lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """List the feeds that ran: how far each has come, and how its last run ended."""
    states = feed_states(fact_store(chosen(None), lake), shell_clock())
    if as_json:
        print_json([asdict(state) for state in states])
        return
    table = _table("feed", "complete up to", "last run", "outcome", "failures since", "breaker", "rests until")
    for one in states:
        ends = (one.outcome, str(one.n_failures), one.breaker, _text(one.rests_until_at))
        table.add_row(one.feed, _text(one.watermark), _text(one.last_run_at), *ends)
    out().print(table)


def _print_run(run: Collected, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(run))
        return
    table = _table("feed", "from", "until", "read", "new", "quarantined", "outcome")
    counts = (f"{run.n_fetched:,}", f"{run.n_accepted:,}", f"{run.n_quarantined:,}")
    table.add_row(run.feed, _text(run.from_at), _text(run.until_at), *counts, run.outcome)
    out().print(table)
    if run.detail:
        err().print(Text(run.detail), soft_wrap=True)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
