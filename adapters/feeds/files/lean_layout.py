"""A LEAN data folder: where its files are and how one is opened.

Prices are whole numbers of a ten-thousandth of a dollar, times are New York wall-clock: a date and time at the start of
a daily or hourly bar, milliseconds since midnight in files of one day. Layout and units: Data/equity/usa/readme.md of
QuantConnect/Lean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from nodes.vocabulary.errors import EdgeError

PRICE_DIVISOR = 10_000.0
LAST_DAY = date(2050, 12, 31)
"""The end that a map file or a factor file gives a share that still trades."""
_DAY_FILE = re.compile(r"(\d{8})_(trade|quote)\.zip")


@dataclass(frozen=True, slots=True)
class LeanFile:
    """One data file.

    Attributes:
        path: of the zip, or of the CSV.
        name: its path inside the folder, for the quarantine.
        ticker: under which its rows traded, upper case.
        resolution: daily, hour, minute or tick.
        kind: trade or quote.
        on: the day of a file of one day.
    """

    path: Path
    name: str
    ticker: str
    resolution: str
    kind: str
    on: date | None = None


def equity_folder(root: Path) -> Path:
    """The folder of US shares in a LEAN data folder, which may be given itself. Raises EdgeError when there is none."""
    for folder in (root / "equity" / "usa", root / "usa", root):
        if any((folder / name).is_dir() for name in ("daily", "hour", "minute", "tick", "map_files")):
            return folder
    message = f"{root} holds no equity/usa/daily, hour, minute, tick or map_files; name a LEAN data folder"
    raise EdgeError(message)


def price_files(folder: Path) -> Iterator[LeanFile]:
    """The files of bars, quotes and ticks in a folder of US shares, in order of name."""
    for resolution in ("daily", "hour"):
        for path in sorted((folder / resolution).glob("*.zip")):
            yield LeanFile(path, f"{resolution}/{path.name}", path.stem.upper(), resolution, "trade")
    for resolution in ("minute", "tick"):
        for path in sorted((folder / resolution).glob("*/*.zip")):
            found = _DAY_FILE.fullmatch(path.name)
            if found is not None:
                on = datetime.strptime(found[1], "%Y%m%d").date()  # noqa: DTZ007  # a date has no zone
                name = f"{resolution}/{path.parent.name}/{path.name}"
                yield LeanFile(path, name, path.parent.name.upper(), resolution, found[2], on)
