"""Truth tables of recorded runs in which nothing that a plan asks for is absent, found by what they follow from.

What rules say follows from their truths alone. Those that are alike in the recorded plan stand in slots; the others are
computed by a generated function. Every truth table that was met is kept for the next run with the same truths: of
thousands of decisions few differ there. Whatever is absent or surprising raises, for `recomputing` to judge node by
node.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple

from dataflows.engine.decision import RuleOutcome, TruthTable, failing_caps
from dataflows.engine.generated import FastPart, RecordedPlace, SurpriseError, fast_part
from dataflows.engine.packing import Layout, PassReading
from dataflows.engine.plan import REDUCES_RISK, NodeKind, Plan
from nodes.vocabulary.verdict import Verdict

_TRUTHS = (False, True, None)
_MOST_KEPT = 65_536
_PASS = Verdict.PASS  # looking a member up in its enum takes longer than comparing with it


class KnownTable(NamedTuple):
    """A truth table that was met.

    Attributes:
        outcomes: of all rules, without words.
        caps: of the failing clip rules; None when clip is not the gravest verdict.
        objecting: the rules that contribute more than PASS.
    """

    outcomes: tuple[RuleOutcome, ...]
    caps: Sequence[str] | None
    objecting: frozenset[str]


def objecting_rules(outcomes: Sequence[RuleOutcome]) -> frozenset[str]:
    """The rules that contribute more than PASS."""
    return frozenset([rule.rule_id for rule in outcomes if rule.verdict is not _PASS])


def recorded_places(names: AbstractSet[str], whole: Layout, sized: Layout | None) -> dict[str, RecordedPlace]:
    """Where recorded values of some nodes stand.

    Args:
        names: the nodes; the order's size itself is never among them.
        whole: how the pass is packed that holds what does not depend on the size.
        sized: how the one is packed that holds what does; None when those values are not to be taken.
    """
    found: dict[str, RecordedPlace] = {}
    for is_sized, layout in ((False, whole), (True, sized)):
        if layout is None:
            continue
        for place, node in enumerate(layout.nodes):
            if node.name in names and node.kind is not NodeKind.SIZE and node.is_sized is is_sized:
                found[node.name] = RecordedPlace(is_sized, place, layout.variable.get(place))
    return found


class CertainPass:
    """The truth tables of a plan at sizes whose values stand in recorded passes in one way.

    Args:
        plan: the plan to judge by.
        recorded: nodes whose recorded values are taken, and where.
        size_place: where the recorded size stands in the pass of what depends on it; None when it is another size.
    """

    def __init__(self, plan: Plan, recorded: Mapping[str, RecordedPlace], size_place: int | None) -> None:
        self._plan, self._recorded, self._table = plan, recorded, TruthTable(plan, is_worded=False)
        names = [*(rule.node for rule in plan.rules), *(node.name for node in plan.nodes if node.name == REDUCES_RISK)]
        kept = {name: recorded[name] for name in names if name in recorded}
        fixed = {name: found.place for name, found in kept.items() if not found.is_sized}
        sized = {name: found.place for name, found in kept.items() if found.is_sized}
        changed = [name for name in names if name not in kept]
        self._names = (*fixed, *sized, *changed)
        self._fixed_mask = sum(1 << place for place in fixed.values())
        self._sized_mask = sum(1 << place for place in sized.values()) | (0 if size_place is None else 1 << size_place)
        self._fixed, self._sized = _picked([*fixed.values()]), _picked([*sized.values()])
        self._computed = fast_part(plan, changed, recorded)
        self._kept: dict[tuple[Any, ...], KnownTable] = {}
        self.cap: Callable[[str], FastPart] = cache(lambda name: fast_part(plan, [name], recorded))

    def table(self, final: PassReading, sized: PassReading, size: int) -> KnownTable:
        """The truth table at a size. Raises an exception, of any kind, when a node has to be judged by itself.

        Args:
            final: the recorded pass that holds what does not depend on the size.
            sized: the one that holds what does.
            size: the order's size.
        """
        if final.bitmap & self._fixed_mask or sized.bitmap & self._sized_mask:
            raise SurpriseError
        key = self._fixed(final.slots), self._sized(sized.slots), self._computed(final, sized, size)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = self._judged(*key)
        return found

    def caps(self, names: Sequence[str], final: PassReading, sized: PassReading, size: int) -> list[Any]:
        """What some caps leave of an order of a size. Raises as `table` does."""
        return [self.cap(name)(final, sized, size)[0] for name in names]

    def _judged(self, fixed: Sequence[int], sized: Sequence[int], computed: Sequence[bool | None]) -> KnownTable:
        truths = (*map(_TRUTHS.__getitem__, (*fixed, *sized)), *computed)
        outcomes = self._table.outcomes(dict(zip(self._names, truths, strict=True)))
        return KnownTable(outcomes, failing_caps(self._plan, outcomes), objecting_rules(outcomes))


def _picked(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """The slots at some places, as a tuple however many they are."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda slots: tuple(slots[place] for place in places)
