"""What an import is asked for: the files, what they do not say of themselves, and what the lake knows already."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import polars as pl

from adapters.feeds.files.splits import Embedded
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS, DIVIDEND, SPLIT
from adapters.lake.domains.filings import FILINGS
from adapters.lake.facts.domain import Domain


@dataclass(frozen=True)
class Besides:
    """What files do not say of themselves.

    Attributes:
        mapping: file of the mapping, for `csv`.
        index: the index whose members are listed, for `membership`.
        unit: of the values, for `vintages`.
        symbol: of the company, for `sec` files that name none.
        splits_until: the day up to which a vendor divided amounts a share by splits, for estimates, releases and
            calendars; None when nobody knows.
        taken_at: when a calendar was downloaded; None is now.
        year_ends: last month of fiscal years by symbol, for calendars.
        cusips: file of a table with the columns cusip and symbol, for `13f`.
        bar_s: seconds of a bar, for `options`.
    """

    mapping: Path | None = None
    index: str = "sp500"
    unit: str | None = None
    symbol: str | None = None
    splits_until: date | None = None
    taken_at: datetime | None = None
    year_ends: Mapping[str, int] = field(default_factory=dict)
    cusips: Path | None = None
    bar_s: int = 60


@dataclass(frozen=True)
class Held:
    """What the lake knows while files are read.

    Attributes:
        now: the instant of that knowledge.
        leases: which security a ticker named on which days.
        domains: every domain, by name.
        facts: the facts of a domain.
    """

    now: datetime
    leases: pl.DataFrame
    domains: Mapping[str, Domain]
    facts: Callable[[Domain], pl.DataFrame]


@dataclass(frozen=True)
class ImportRequest:
    """What is to be read.

    Attributes:
        place: a file or a folder.
        held: what the lake knows.
        besides: what the files do not say.
    """

    place: Path
    held: Held
    besides: Besides = field(default_factory=Besides)

    def filings(self) -> pl.DataFrame:
        """Every filing that is known."""
        return self.held.facts(FILINGS)

    def embedded(self) -> Embedded | None:
        """The splits that the files' amounts a share embed; None when nobody knows.

        They are the lake's. It covers a share of which it knows a split or a dividend: of any other, that there was no
        split is not known.
        """
        if self.besides.splits_until is None:
            return None
        kinds = self.held.facts(CORPORATE_ACTIONS).filter(pl.col("kind").is_in([SPLIT, DIVIDEND]))
        newest = self.held.leases.sort("valid_from_on").group_by("security_id").agg(pl.col("symbol").last())
        named = kinds.join(newest, on="security_id", how="inner")
        splits = named.filter(pl.col("kind") == SPLIT).select("symbol", "ex_on", "ratio")
        return Embedded(splits, frozenset(named["symbol"].to_list()), self.besides.splits_until)

    def year_ends(self) -> Mapping[str, int]:
        """The last month of each company's fiscal year: as given, else the one that most of its 10-Ks are about."""
        annual = self.filings().filter(pl.col("form") == "10-K", pl.col("report_on").is_not_null())
        months: dict[str, Counter[int]] = {}
        for symbol, month in annual.select("symbol", pl.col("report_on").dt.month()).sort("symbol").iter_rows():
            months.setdefault(symbol, Counter())[month] += 1
        return {symbol: seen.most_common(1)[0][0] for symbol, seen in months.items()} | dict(self.besides.year_ends)
