"""Reconciliation: a broker's statement against the books, every difference with its cause.

1. `forms.in_form` brings the books into the form in which the statement tells things.
2. `matching.matched` pairs movements, the nearest first.
3. `causes` says why a pair parts and what a line without a counterpart means.
4. `residuals` holds positions and balances against what the breaks explain of them.

Nothing is compared that a side does not tell, and nothing is let pass but what the policy's tolerances name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from nodes.journal.reconciliation.causes import (
    amounts,
    cash_of,
    only_booked,
    only_stated,
    pair_breaks,
    repeats,
    repetition,
)
from nodes.journal.reconciliation.forms import in_form, rounded
from nodes.journal.reconciliation.matching import Matching, content, matched, parted
from nodes.journal.reconciliation.residuals import Residuals, residuals
from nodes.vocabulary.statements import (
    ZERO,
    Amounts,
    Break,
    Cause,
    Movement,
    MovementKind,
    Reconciliation,
    Side,
    Statement,
    Terms,
)

_ROUNDING = Cause.ROUNDING.value


@dataclass(frozen=True, slots=True)
class _Sides:
    """The movements of both sides, ready to be compared.

    Attributes:
        stated: lines of the statement.
        booked: the books in its form, rounded as it rounds.
        exact: the same before rounding, place by place.
        repeated: what a side tells under a reference that it used before.
        rounding: what the books took over of an earlier statement's rounding.
    """

    stated: tuple[Movement, ...]
    booked: tuple[Movement, ...]
    exact: tuple[Movement, ...]
    repeated: tuple[Break, ...]
    rounding: tuple[Movement, ...]


def reconciliation(stated: Statement, booked: Statement, terms: Terms) -> Reconciliation:
    """What became of a statement; the books may reach beyond its days, to tell timing from what is missing."""
    sides = _sides(stated, booked, terms)
    found = matched(sides.stated, sides.booked, terms)
    breaks = [*sides.repeated, *_pair_breaks(sides, found, terms, stated.until)]
    breaks += _stated_breaks(sides, found, terms)
    breaks += _booked_breaks(sides, found, stated)
    rest = residuals(stated, booked, breaks, _rounding(sides, found, breaks, stated.until), terms)
    return _told(stated, sides, found, rest)


def _told(stated: Statement, sides: _Sides, found: Matching, rest: Residuals) -> Reconciliation:
    outside = sum(not _is_inside(sides.booked[place].on, stated) for place in found.booked_only)
    return Reconciliation(
        account_id=stated.account_id,
        since=stated.since,
        until=stated.until,
        n_stated=len(stated.movements),
        n_booked=len(sides.booked) - outside,
        n_matched=len(found.pairs),
        breaks=tuple(sorted(rest.breaks, key=_order)),
        positions=rest.positions,
        balances=rest.balances,
    )


def _order(found: Break) -> tuple[object, ...]:
    movement = found.stated or found.booked
    return (found.on, found.symbol, found.cause.value, "" if movement is None else movement.place)


def _sides(stated: Statement, booked: Statement, terms: Terms) -> _Sides:
    lines, again = parted(stated.movements)
    adjusted = [each for each in booked.movements if each.kind is MovementKind.ADJUSTMENT]
    entries, twice = parted([each for each in booked.movements if each.kind is not MovementKind.ADJUSTMENT])
    exact = in_form(entries, terms.form)
    repeated = [repetition(each, Side.STATEMENT) for each in again]
    repeated += [repetition(each, Side.BOOKS) for each in twice if _is_inside(each.on, stated)]
    return _Sides(
        stated=in_form(lines, terms.form),
        booked=tuple(rounded(each, terms.form) for each in exact),
        exact=exact,
        repeated=tuple(repeated),
        rounding=tuple(each for each in adjusted if _is_inside(each.on, stated) and each.reference == _ROUNDING),
    )


def _pair_breaks(sides: _Sides, found: Matching, terms: Terms, until: date) -> Iterable[Break]:
    for stated_place, booked_place in found.pairs:
        yield from pair_breaks(sides.stated[stated_place], sides.booked[booked_place], terms, until)


def _stated_breaks(sides: _Sides, found: Matching, terms: Terms) -> Iterable[Break]:
    told = _contents(sides.stated, {stated for stated, _ in found.pairs})
    for place in found.stated_only:
        movement = sides.stated[place]
        if repeats(movement, told):
            yield repetition(movement, Side.STATEMENT)
        else:
            yield only_stated(movement, terms)


def _booked_breaks(sides: _Sides, found: Matching, stated: Statement) -> Iterable[Break]:
    """Movements of the books in the statement's days; what lies outside them is nothing that it should tell."""
    told = _contents(sides.booked, {booked for _, booked in found.pairs})
    for place in found.booked_only:
        movement = sides.booked[place]
        if not _is_inside(movement.on, stated):
            continue
        yield repetition(movement, Side.BOOKS) if repeats(movement, told) else only_booked(movement)


def _contents(movements: Sequence[Movement], places: set[int]) -> frozenset[Movement]:
    return frozenset(content(movements[place]) for place in places)


def _is_inside(on: date, stated: Statement) -> bool:
    return stated.since <= on <= stated.until


def _rounding(sides: _Sides, found: Matching, breaks: Sequence[Break], until: date) -> Amounts:
    """By currency, what rounding and tolerances made of the cash of pairs: what no break of theirs explains."""
    told = [pair for pair in found.pairs if _tells_cash(sides, *pair)]
    moved = [part for stated_place, _ in told for part in cash_of(sides.stated[stated_place])]
    moved += [(currency, -cash) for _, place in told for currency, cash in cash_of(_booked(sides, place, until))]
    is_pair = [each for each in breaks if each.booked is not None and each.stated is not None and each.stated.tells_fee]
    moved += [(name, -cash) for each in is_pair if each.cause is not Cause.TIMING for name, cash in each.cash]
    moved += [(each.currency, -(each.cash or ZERO)) for each in sides.rounding]
    return amounts(moved)


def _tells_cash(sides: _Sides, stated_place: int, booked_place: int) -> bool:
    stated, exact = sides.stated[stated_place], sides.exact[booked_place]
    return stated.tells_fee and stated.cash is not None and exact.cash is not None


def _booked(sides: _Sides, place: int, until: date) -> Movement:
    """A movement as the balance of the books has it: what came after its end is told by a break of timing, as shown."""
    exact = sides.exact[place]
    return exact if exact.on <= until else sides.booked[place]
