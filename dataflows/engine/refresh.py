"""The last row of every feature, computed from as few rows as its windows need: what is served online.

The same functions run as over a whole history. Each gets its arguments cut to the last rows of every share that the
asked row reads: as many as its contract's window says, and those that the nodes after it read of it. Kernels walk the
windows that lie within a share, so that a window costs its length and not its square. Values are those of the whole
history, bit for bit; a test over the catalog holds both against each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.evaluation import called, checked
from dataflows.engine.guards import Guard
from dataflows.engine.plan import NodeKind, Plan, PlanNode
from dataflows.engine.warm_up import own_window
from nodes.kernels.arrays import Index

PANEL, SEGMENTS, SYMBOL = "panel", "segments", "symbol"


class Refresh:
    """Serves the last rows of one plan.

    Args:
        plan: a session plan; its outputs are served.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._windows = {node.name: own_window(node, plan.params) for node in plan.nodes}
        self._facts = frozenset(node.name for node in plan.nodes if node.kind is NodeKind.INPUT) - {PANEL}
        self._wanted = self._rows_wanted()
        self.n_rows = self._wanted[PANEL]

    def latest(self, snapshot: Any) -> dict[str, Any]:  # noqa: ANN401  # the snapshot type of the dataflow
        """Every node's value; columns hold the last row of each share, and as many before it as others read."""
        layouts = _Layouts(snapshot, self.n_rows)
        values: dict[str, Any] = {}
        for node in self._plan.nodes:
            values[node.name] = self._value(node, values, layouts)
        return values

    def rows_of(self, name: str) -> int:
        """How many last rows of a share `latest` gives of a node at most."""
        return self._wanted[name]

    def _value(self, node: PlanNode, values: Mapping[str, Any], layouts: _Layouts) -> Any:  # noqa: ANN401
        if node.kind in (NodeKind.PARAMETER, NodeKind.LIMIT):
            return node.value
        if node.kind is NodeKind.INPUT:
            return checked(node, layouts.input(node.name))
        wanted = self._wanted[node.name]
        n_rows = wanted + self._windows[node.name] - 1
        arguments = [self._argument(name, values[name], n_rows, layouts) for name in node.arguments]
        value = called(node, arguments)
        if node.contract is not None:
            value = layouts.guard(n_rows).held(node, node.contract, value)
        return layouts.cut(value, n_rows, wanted)

    def _argument(self, name: str, value: Any, n_rows: int, layouts: _Layouts) -> Any:  # noqa: ANN401
        if name == SEGMENTS and isinstance(value, np.ndarray):
            return layouts.segments(n_rows)
        if name in self._facts:  # not of bars, even where there happen to be as many
            return value
        return layouts.cut(value, self._wanted[name], n_rows)

    def _rows_wanted(self) -> dict[str, int]:
        """Last rows of each node that the others read, the outputs' own row at least."""
        wanted = dict.fromkeys((node.name for node in self._plan.nodes), 1)
        for node in reversed(self._plan.nodes):
            for name in node.arguments:
                wanted[name] = max(wanted[name], wanted[node.name] + self._windows[node.name] - 1)
        return wanted


class _Layouts:
    """The panel of a snapshot at several numbers of last rows a share."""

    def __init__(self, snapshot: Any, n_rows: int) -> None:  # noqa: ANN401
        panel = snapshot.panel
        starts = np.flatnonzero((panel[SYMBOL] != panel[SYMBOL].shift(1)).fill_null(value=True).to_numpy())
        self._sizes = np.diff(np.append(starts, panel.height))
        self._snapshot = snapshot
        self._cuts: dict[tuple[int, int], pl.Series] = {}
        self._guards: dict[int, Guard] = {}
        self._whole = int(self._sizes.max()) if len(self._sizes) else 1
        self._panel = self.cut(panel, self._whole, n_rows)
        self._n_rows = n_rows

    def input(self, name: str) -> Any:  # noqa: ANN401
        """A field of the snapshot; of the panel as many rows as any feature reads."""
        return self._panel if name == PANEL else getattr(self._snapshot, name)

    def guard(self, n_rows: int) -> Guard:
        """Holds contracts over columns of so many last rows."""
        if n_rows not in self._guards:
            panel = self.cut(self._panel, self._n_rows, n_rows)
            self._guards[n_rows] = Guard(replace(self._snapshot, panel=panel))
        return self._guards[n_rows]

    def segments(self, n_rows: int) -> Index:
        """First row of each share, then the height, at so many last rows."""
        return np.append(0, np.cumsum(self._kept(n_rows))).astype(np.int64)

    def cut(self, value: Any, from_rows: int, to_rows: int) -> Any:  # noqa: ANN401
        """A column or frame over the rows of one layout cut to those of another; anything else as it is."""
        if to_rows >= from_rows or not isinstance(value, pl.Series | pl.DataFrame):
            return value
        kept = self._kept(from_rows)
        if len(value) != int(kept.sum()):
            return value
        key = (from_rows, to_rows)
        if key not in self._cuts:
            left = self._kept(to_rows)
            firsts = np.cumsum(kept) - left
            places = np.repeat(firsts - (np.cumsum(left) - left), left) + np.arange(int(left.sum()))
            self._cuts[key] = pl.Series(places, dtype=pl.UInt32)
        return value.gather(self._cuts[key]) if isinstance(value, pl.Series) else value[self._cuts[key]]

    def _kept(self, n_rows: int) -> Index:
        return np.minimum(self._sizes, n_rows)
