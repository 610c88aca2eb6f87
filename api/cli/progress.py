"""Progress of long work: bars on a terminal, a line now and then where there is none. Both go to standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from api.cli.output import err
from governance.findings import Progress as Told

_LINES = 4


@contextmanager
def progress() -> Iterator[Told]:
    """What long work tells how far it is: called with what is done, how much of it and how much there is."""
    console = err()
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(28), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars)


class _Bars:
    """A bar for each kind of work, in the order in which they begin."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Move the bar of that work."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(f"{what:<12}", total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)


class _Lines:
    """A line at every quarter of each kind of work."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._quarters: dict[str, int] = {}

    def __call__(self, what: str, done: int, total: int) -> None:
        """Write a line when another quarter is done."""
        quarter = _LINES * done // total if total else _LINES
        if quarter > self._quarters.get(what, 0):
            self._quarters[what] = quarter
            self._console.print(f"{what}: {done:,} of {total:,}")
