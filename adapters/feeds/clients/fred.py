"""FRED and ALFRED, the archives of the Federal Reserve Bank of St. Louis: macro series with every vintage.

`/fred/series/observations` answers with one row for each value and the real-time period over which it stood; a period
that began before the window is cut at its start, which the store takes for the repeat that it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec
import polars as pl

from adapters.feeds.clients.web import TIMEOUT_S, Web, json_of, web
from adapters.feeds.faults import MalformedError
from adapters.feeds.files.parsed import Parsed
from adapters.feeds.files.tables import LINE, Table, no_rejects
from adapters.feeds.files.vintages import vintage_facts
from adapters.feeds.line import Line
from adapters.feeds.source import Pace, Window, each
from adapters.lake.domains.factors import MACRO

_FIRST_VINTAGE, _LAST_VINTAGE = "1776-07-04", "9999-12-31"
_CELLS = pl.Schema({LINE: pl.Int64, "series": pl.String, "period_on": pl.String, "vintage_on": pl.String})


class FredFeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is wanted of FRED.

    Attributes:
        series: its name and the unit of its values.
        rate: questions that we allow ourselves.
        url: where it is.
        page: rows of one answer.
        timeout_s: how long an answer may take.
    """

    series: dict[str, str | None]
    rate: str = "60/minute"
    url: str = "https://api.stlouisfed.org"
    page: int = 50_000
    timeout_s: float = TIMEOUT_S


@dataclass(frozen=True)
class Fred:
    """The macro series of FRED, by vintage."""

    feed: FredFeed
    key: str = field(repr=False)
    name: str = "fred"

    @property
    def pace(self) -> Pace:
        """Vintages are dated: each is known from its own day."""
        return Pace(self.feed.rate, timedelta(days=14), timedelta(days=365 * 60), is_vintaged=True)

    @property
    def scope(self) -> str:
        """The series."""
        return ", ".join(sorted(self.feed.series))

    def fetched(self, window: Window, line: Line) -> Iterator[Parsed]:
        """The vintages of each series that the window saw."""
        with web(self.name, line, self.feed.timeout_s) as client:
            yield from each(
                sorted(self.feed.series), MACRO, self.name, lambda series: self._series(client, series, window)
            )

    def _series(self, client: Web, series: str, window: Window) -> Iterator[Parsed]:
        offset, total = 0, 1
        while offset < total:
            answer = self._page(client, series, window, offset)
            rows, total = answer["observations"], answer["count"]
            yield self._facts(series, rows, offset)
            if not rows:
                return
            offset += len(rows)

    def _page(self, client: Web, series: str, window: Window, offset: int) -> dict[str, Any]:
        since = _FIRST_VINTAGE if window.seen_until is None else window.from_at.date().isoformat()
        params = {
            "series_id": series,
            "realtime_start": since,
            "realtime_end": _LAST_VINTAGE,
            "file_type": "json",
            "limit": str(self.feed.page),
            "offset": str(offset),
            "api_key": self.key,
        }
        what = f"fred series {series}"
        answer = json_of(client.content(f"{self.feed.url}/fred/series/observations", params, what), what)
        if not isinstance(answer, dict) or not isinstance(answer.get("observations"), list):
            raise MalformedError(what, "no list `observations`")
        if type(answer.get("count")) is not int:
            raise MalformedError(what, f"count {answer.get('count')!r}")
        return answer

    def _facts(self, series: str, rows: list[Any], offset: int) -> Parsed:
        cells = [_cells(offset + n, series, row) for n, row in enumerate(rows, 1)]
        frame = pl.DataFrame(cells, schema={**_CELLS, "value": pl.String}, orient="row")
        return vintage_facts(Table(f"fred/{series}", frame, no_rejects()), self.feed.series[series], self.name)


def _cells(line: int, series: str, row: Any) -> tuple[object, ...]:  # noqa: ANN401  # a vendor's answer
    fields: Mapping[str, Any] = row if isinstance(row, dict) else {"value": repr(row)}
    return (line, series, *(_text(fields.get(name)) for name in ("date", "realtime_start", "value")))


def _text(value: object) -> str | None:
    return None if value is None else str(value)
