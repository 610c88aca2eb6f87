"""Scenarios: what happens to the market while the live policy trades through it, as a YAML document.

A scenario names a span of sessions and what is changed in it; without a change it is a replay of what was. Its basis
says how real it is, and a document that changes prices may not call itself real. What the changes do to bars is
`dataflows.scenarios`'; which bars there are is the lake's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import Fault, PolicyError
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Marks
from policies.marks import Path as Place
from policies.schema import FAMILY_PATTERN, Sentence
from policies.slips import quoted

SHIPPED = Path(__file__).resolve().parent / "scenarios"
"""The scenarios that come with Assay."""
_CHANGES = "changes"


def _day(written: object) -> object:
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        mend = "write a day like 2008-09-15"
        raise PydanticCustomError("day", "{given} is no day", {"given": quoted(written), "mend": mend}) from error


def _number(written: object) -> object:
    return float(written) if isinstance(written, int) and not isinstance(written, bool) else written


def _numbers(written: object) -> object:
    return tuple(_number(each) for each in written) if isinstance(written, tuple | list) else written


def _usd(written: object) -> object:
    is_number = isinstance(written, int | float) and not isinstance(written, bool)
    return Decimal(repr(written)) if is_number else written


Day = Annotated[date, BeforeValidator(_day)]
Ratio = Annotated[float, BeforeValidator(_number), Field(gt=0.0, le=1000.0)]
Move = Annotated[float, BeforeValidator(_number), Field(gt=-1.0, le=10.0)]
Moves = Annotated[tuple[Annotated[float, Field(gt=-1.0, le=10.0)], ...], BeforeValidator(_numbers)]
Symbols = tuple[Annotated[str, Field(min_length=1, max_length=32)], ...]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Shock(_Part):
    """Prices jump at the opening of one session and stay there.

    Attributes:
        on: the session.
        price_frac: by how much, on top of what happened; -0.2 for a fifth less.
        symbols: of which shares; of all when none is named.
        index_frac: by how much the index jumps; as the shares do when not said and all of them jump.
        volume_ratio: how many times its volume trades in that session.
    """

    kind: Literal["shock"]
    on: Day
    price_frac: Move
    symbols: Symbols = ()
    index_frac: Move | None = None
    volume_ratio: Ratio = 1.0


class Turbulence(_Part):
    """Every move of a span is a multiple of what it was: returns, gaps and ranges.

    Attributes:
        first_on: its first session.
        last_on: its last.
        move_ratio: the multiple.
    """

    kind: Literal["turbulence"]
    first_on: Day
    last_on: Day
    move_ratio: Ratio


class Drought(_Part):
    """Liquidity dries up: less trades, and the range of a session widens around its prices.

    Attributes:
        first_on: its first session.
        last_on: its last.
        volume_ratio: part of the volume that is left.
        range_ratio: how many times as wide high and low are apart, which is what the spread is estimated from.
        symbols: of which shares; of all when none is named.
    """

    kind: Literal["liquidity-drought"]
    first_on: Day
    last_on: Day
    volume_ratio: Ratio
    range_ratio: Annotated[float, BeforeValidator(_number), Field(ge=1.0, le=100.0)] = 1.0
    symbols: Symbols = ()


class Outage(_Part):
    """The feed is silent: the engine gets no bars, while the market trades on and fills what was sent.

    Attributes:
        first_on: its first session.
        last_on: its last.
        symbols: of which shares; of all when none is named.
    """

    kind: Literal["feed-outage"]
    first_on: Day
    last_on: Day
    symbols: Symbols = ()


class Recall(_Part):
    """A lender wants lent shares back: the short is bought back by its deadline, whatever it costs.

    Attributes:
        on: the session at whose close the recall is known.
        symbol: of which share.
        deadline_sessions: how many sessions there are to buy back; then the lender buys in at the session's high.
    """

    kind: Literal["borrow-recall"]
    on: Day
    symbol: Annotated[str, Field(min_length=1, max_length=32)]
    deadline_sessions: Annotated[int, Field(ge=1, le=60)] = 3


class IndexPath(_Part):
    """The index goes a given way, and every share goes along with its beta: a calibrated path.

    Attributes:
        first_on: its first session.
        index_fracs: return of the index, a session each.
        beta_sessions: sessions before it that betas are estimated from.
        volume_ratio: how many times its volume of before trades in each of these sessions.
    """

    kind: Literal["index-path"]
    first_on: Day
    index_fracs: Annotated[Moves, Field(min_length=1, max_length=1000)]
    beta_sessions: Annotated[int, Field(ge=20, le=2520)] = 252
    volume_ratio: Ratio = 1.0


class Bootstrap(_Part):
    """Sessions drawn again from history, in blocks, the same draw for every share and the index.

    Attributes:
        drawn_from: first session that is drawn from.
        drawn_to: the last.
        mean_block_sessions: mean length of a block (stationary bootstrap).
        n_paths: how many paths.
        seed: of the draws.
    """

    kind: Literal["bootstrap"]
    drawn_from: Day
    drawn_to: Day
    mean_block_sessions: Annotated[float, BeforeValidator(_number), Field(ge=1.0, le=250.0)] = 5.0
    n_paths: Annotated[int, Field(ge=1, le=200)] = 5
    seed: Annotated[int, Field(ge=0)] = 0


Change: TypeAlias = Annotated[
    Shock | Turbulence | Drought | Outage | Recall | IndexPath | Bootstrap, Field(discriminator="kind")
]
KINDS: Mapping[str, type[BaseModel]] = {
    kind.model_fields["kind"].annotation.__args__[0]: kind  # type: ignore[union-attr]  # a Literal of one word
    for kind in (Shock, Turbulence, Drought, Outage, Recall, IndexPath, Bootstrap)
}


class Scenario(_Part):
    """A scenario as it is written.

    Attributes:
        name: its name; `scenario` in the document.
        version: whole number from 1.
        title: a line.
        owner: who answers for it.
        why: what it is to show.
        sources: what it rests on.
        basis: real (what happened), calibrated (a path fitted to what happened) or hypothetical.
        first_on: first session of its span.
        last_on: last session of its span.
        lead_sessions: sessions before the span in which the policy builds its book.
        opening_shares: shares that the account begins with before the lead, at the close before it; short ones too.
        hours_on: a session within the span that is replayed by the hour too, where the lake has bars of hours.
        probe_usd: what an order that is judged at each of these hours is worth, about.
        changes: what is changed.
    """

    name: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="scenario")]
    version: Annotated[int, Field(ge=1)]
    title: Sentence
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    basis: Literal["real", "calibrated", "hypothetical"]
    first_on: Day
    last_on: Day
    lead_sessions: Annotated[int, Field(ge=1, le=252)] = 21
    opening_shares: Mapping[str, int] = Field(default_factory=dict)
    hours_on: Day | None = None
    probe_usd: Annotated[Decimal, BeforeValidator(_usd), Field(gt=0)] = Decimal(10_000)
    changes: tuple[Change, ...] = ()

    @property
    def bootstrap(self) -> Bootstrap | None:
        """How its sessions are drawn; None where they are not."""
        return next((change for change in self.changes if isinstance(change, Bootstrap)), None)

    @property
    def n_paths(self) -> int:
        """How many ways the market goes in it."""
        return 1 if self.bootstrap is None else self.bootstrap.n_paths


def parsed_scenario(text: bytes, file: str) -> Scenario:
    """The scenario that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        found = Scenario.model_validate(content)
    except ValidationError as error:
        faults = [*faults, *schema_faults(error, marks, frozenset(), _keys_at)]
        raise PolicyError(faults or [marks.fault((), "the scenario cannot be read", "compare it with docs")]) from error
    faults = [*faults, *_faults(found, marks)]
    if faults:
        raise PolicyError(faults)
    return found


def shipped_scenarios() -> tuple[Scenario, ...]:
    """The scenarios that come with Assay, by name."""
    return tuple(parsed_scenario(file.read_bytes(), file.name) for file in sorted(SHIPPED.glob("*.yaml")))


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    if len(path) > 2 and path[0] == _CHANGES:  # noqa: PLR2004  # changes, place, kind
        kind = KINDS.get(str(path[2]))
        if kind is not None:
            return tuple(kind.model_fields), f"change of kind {path[2]}"
    names = (field.alias or name for name, field in Scenario.model_fields.items())
    return tuple(names), "scenario"


def _faults(found: Scenario, marks: Marks) -> list[Fault]:
    """What no type can say: spans that end before they begin, a change outside the span, a basis that flatters."""
    faults = []
    if found.last_on < found.first_on:
        what = f"the span ends on {found.last_on}, before it begins on {found.first_on}"
        faults.append(marks.fault(("last_on",), what, "name a later day"))
    if found.hours_on is not None and not found.first_on <= found.hours_on <= found.last_on:
        what = f"{found.hours_on} is outside the span"
        faults.append(marks.fault(("hours_on",), what, f"name a day from {found.first_on} to {found.last_on}"))
    for place, change in enumerate(found.changes):
        faults += [marks.fault((_CHANGES, place), *said) for said in _change_faults(found, change)]
    if found.changes and found.basis == "real":
        what = "basis was real, and the market is changed"
        faults.append(marks.fault(("basis",), what, "write calibrated or hypothetical"))
    if len([change for change in found.changes if isinstance(change, Bootstrap)]) > 1:
        faults.append(marks.fault((_CHANGES,), "sessions are drawn twice", "keep one bootstrap"))
    return faults


def _change_faults(found: Scenario, change: Any) -> list[tuple[str, str]]:  # noqa: ANN401  # one of the changes
    first_on, last_on = _span(found, change)
    faults = []
    if last_on < first_on:
        faults.append((f"the change ends on {last_on}, before it begins on {first_on}", "name a later day"))
    elif not found.first_on <= first_on <= found.last_on:
        mend = f"begin it between {found.first_on} and {found.last_on}"
        faults.append((f"the change begins on {first_on}, outside the span", mend))
    if isinstance(change, Bootstrap) and not change.drawn_from < change.drawn_to <= found.first_on:
        what = f"sessions are drawn from {change.drawn_from} to {change.drawn_to}"
        faults.append((what, f"draw from what was known before the span begins on {found.first_on}"))
    if isinstance(change, Recall) and found.opening_shares.get(change.symbol, 0) >= 0:
        mend = "give the account a short of it under opening_shares"
        faults.append((f"{change.symbol} is recalled, of which nothing is short", mend))
    return faults


def _span(found: Scenario, change: Any) -> tuple[date, date]:  # noqa: ANN401  # one of the changes
    if isinstance(change, Shock | Recall):
        return change.on, change.on
    if isinstance(change, Bootstrap):
        return found.first_on, found.last_on
    if isinstance(change, IndexPath):
        return change.first_on, change.first_on
    return change.first_on, change.last_on
