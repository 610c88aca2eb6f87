"""Facts as they become known, and as few of them as the next rows can still stand on.

What a domain's facts decide tells what may be left out: `Law` says which. Every law is exact: a row that closes after
the facts were last looked at has the same value from what is kept as from everything.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

import polars as pl

from dataflows.engine.guards import known_instants
from nodes.kernels.as_of import newest_known
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instants import instant_ns

_INSTANT = pl.Datetime("ns", "UTC")
_RETRACTED = "is_retracted"


class Law(Enum):
    """What of a domain a row can stand on.

    WHOLE: on everything.
    SHARE: on the facts of its own share.
    STANDING: on the fact of its share that stands, and on what becomes known after it.
    LIVING: on statements of its share that have not lapsed, and what was said later by who said them.
    MOMENT: on facts of its share whose moment is not older than an age.
    """

    WHOLE = "whole"
    SHARE = "share"
    STANDING = "standing"
    LIVING = "living"
    MOMENT = "moment"


@dataclass(frozen=True)
class Retention:
    """What is kept of a domain.

    Attributes:
        law: what a row can stand on.
        subject: column that names the share; None where there is none.
        life_s: age at which a fact can be left out, for the laws that know one.
        key: columns that say who said what, for LIVING; the moment's column, for MOMENT.
        apart: columns within which statements are counted, for LIVING: of each group one that lapsed is kept, so that
            nothing that counts any more is told from nothing that was ever said.
        value: column without which a statement counts nowhere.
    """

    law: Law = Law.WHOLE
    subject: str | None = None
    life_s: int = 0
    key: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    value: str = ""


class KnownFacts:
    """The facts of one domain that the next rows can stand on.

    Args:
        facts: everything known so far.
        retention: what of it is kept.
        known_at: until when it was known.
    """

    def __init__(self, facts: pl.DataFrame, retention: Retention, known_at: datetime) -> None:
        self._retention = retention
        self._told = [facts]
        has_retractions = _RETRACTED in facts.columns and bool(facts[_RETRACTED].any())
        self._law = Law.WHOLE if retention.law is Law.STANDING and has_retractions else retention.law
        self.base = facts
        self._news: list[pl.DataFrame] = []
        self._late: pl.DataFrame | None = None
        self.touched: frozenset[str] = frozenset()
        self.shortest_lag = _shortest_lag(facts)
        self.seen = known_instants(facts, retention.subject)
        self._rows_of: dict[str, Sequence[int]] | None = None
        self._trimmed(known_at)

    @property
    def is_by_share(self) -> bool:
        """Whether shares without news are told of apart from those with."""
        return self._law is Law.SHARE

    def told(self, news: pl.DataFrame, known_at: datetime) -> None:
        """Takes in what became known since. Raises DataError for a fact that had been known before."""
        late = news.filter(pl.col("known_at") <= _literal(known_at))
        if late.height:
            message = f"{late.height} facts were known by {known_at}, as of which facts were told already"
            raise DataError(f"{message}; start anew from all facts")
        self._trimmed(known_at)
        same = news.select(self.base.columns)
        self._told.append(same)
        self.shortest_lag = min(
            (lag for lag in (self.shortest_lag, _shortest_lag(same)) if lag is not None), default=None
        )
        self.seen = pl.concat([self.seen, known_instants(same, self._retention.subject)])
        if self._law is Law.STANDING and _RETRACTED in same.columns and bool(same[_RETRACTED].any()):
            self._law, self.base = Law.WHOLE, pl.concat(self._told)
        elif self._law is Law.SHARE and self._retention.subject is not None:
            self._news.append(same)
            self.touched |= frozenset(same[self._retention.subject].drop_nulls().to_list())
            self._late = None
        else:
            self.base = self._with_namesakes(pl.concat([self.base, same]), known_at)

    def of(self, symbols: Collection[str]) -> pl.DataFrame:
        """The facts of all shares with news and of some others."""
        if self.touched.issuperset(symbols):
            if self._late is None:
                self._late = self._gathered(self.touched)
            return self._late
        return self._gathered(self.touched | frozenset(symbols))

    def rebased(self) -> None:
        """Makes the news part of what is told of all shares alike: what was derived of those is derived anew."""
        if self._news:
            self.base = pl.concat([self.base, *self._news])
            self._news, self._late, self.touched, self._rows_of = [], None, frozenset(), None

    def _trimmed(self, known_at: datetime) -> None:
        """Leaves out what no later row can stand on, given that rows up to an instant were computed."""
        self.seen = self.seen.sort("at").unique("symbol", keep="last", maintain_order=True)
        if self._law is not Law.SHARE:
            self.base = self._kept(self.base, known_at)

    def _kept(self, facts: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
        cut = _literal(known_at) - timedelta(seconds=self._retention.life_s)
        kept = facts
        if self._law is Law.MOMENT:
            kept = facts.filter(pl.col(self._retention.key[0]) >= cut)
        elif self._law is Law.LIVING:
            living = facts.filter((pl.col("known_at") > cut) | (pl.col("event_at") > cut))
            lapsed = facts.filter((pl.col("known_at") <= cut) & (pl.col("event_at") <= cut))
            kept = self._with_namesakes(pl.concat([self._last_counted(lapsed), living]), known_at)
        elif self._law is Law.STANDING and facts.height:
            kept = self._standing(facts, known_at)
        return facts if kept.height == facts.height else kept

    def _last_counted(self, lapsed: pl.DataFrame) -> pl.DataFrame:
        """The newest statement of each group that counted."""
        counted = lapsed.filter(pl.col(self._retention.value).is_finite())
        if _RETRACTED in lapsed.columns:
            counted = counted.filter(~pl.col(_RETRACTED))
        return counted.sort("known_at", "sequence").unique(self._retention.apart, keep="last", maintain_order=True)

    def _standing(self, facts: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
        by = [str(self._retention.subject)]
        asked = facts.select(by).unique(maintain_order=True).with_columns(at=_literal(known_at))
        stands = newest_known(facts, by, asked, facts.columns).drop_nulls("sequence")
        return pl.concat([stands, facts.filter(pl.col("known_at") > _literal(known_at))])

    def _with_namesakes(self, living: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
        """With what was said before by whoever now tells of something older than what lapsed: it may be superseded."""
        if self._law is not Law.LIVING:
            return living
        cut = _literal(known_at) - timedelta(seconds=self._retention.life_s)
        old_news = living.filter((pl.col("known_at") > cut) & (pl.col("event_at") <= cut))
        if old_news.is_empty():
            return living
        key = list(self._retention.key)
        named = pl.concat(self._told).join(old_news.select(key).unique(), on=key, how="semi", nulls_equal=True)
        return pl.concat([living, named]).unique("sequence", keep="first", maintain_order=True)

    def _gathered(self, symbols: Collection[str]) -> pl.DataFrame:
        subject = str(self._retention.subject)
        if self._rows_of is None:
            rows = self.base.select(subject).with_row_index("row").group_by(subject).agg("row")
            self._rows_of = {name: found for name, found in rows.iter_rows() if name is not None}
        places = sorted(row for name in symbols for row in self._rows_of.get(name, ()))
        news = [frame.filter(pl.col(subject).is_in(list(symbols))) for frame in self._news]
        return pl.concat([self.base[places], *news])


def _literal(instant: datetime) -> pl.Expr:
    return pl.lit(instant_ns(instant)).cast(_INSTANT)


def _shortest_lag(facts: pl.DataFrame) -> timedelta | None:
    """The shortest time between an event and its knowledge."""
    lag = facts.select(lag=pl.col("known_at") - pl.col("event_at"))["lag"].min()
    return lag if isinstance(lag, timedelta) else None
