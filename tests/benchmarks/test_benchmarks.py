"""The benchmarks still run and the contestants do the same work; how fast they are is for `make bench` to say."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from dataflows.engine.run import Runner
from policies.grammar import rule_tree
from tests.benchmarks import labels, models, portfolio, rules, significance, table
from tests.benchmarks.__main__ import Extent, measured
from tests.benchmarks.graphs import AS_OF, START_FRAC, hamilton_driver, order_plan, order_snapshot, outputs
from tests.benchmarks.timing import Effort, Row, side_by_side

BRIEF = Effort(n_rounds=1, batch_s=0.0001)


def test_every_rule_engine_gives_the_same_answer() -> None:
    said = rules.answers([rule_tree(rules.SQL)], rules.VALUES)
    assert len(said) == 6
    assert set(map(str, said.values())) == {"[True]"}


@pytest.mark.parametrize("are_held", [True, False])
def test_every_rule_engine_says_the_same_of_all_guardrails(*, are_held: bool) -> None:
    """An order cannot be both too large and too small: one of the two rules about its size holds even then."""
    trees, values = rules.guardrails(are_held=are_held)
    said = list(rules.answers(trees, values).values())
    assert said == [said[0]] * 6
    assert Counter(cast("list[bool]", said[0])) == ({True: 24} if are_held else {True: 1, False: 23})


def test_engine_and_hamilton_compute_the_same_values(tmp_path: Path) -> None:
    run = Runner(order_plan(100, tmp_path), "research/benchmark", b"").order(order_snapshot(), AS_OF)
    computed = hamilton_driver(100, tmp_path).execute(outputs(100), inputs={"start_frac": START_FRAC})
    assert {name: run.values[name] for name in computed} == computed


def test_all_measures_run_and_fill_the_page(tmp_path: Path) -> None:
    little = labels.Work(300, 5, 10, 100, 5, 100, 1)
    served = models.Work(rate_hz=500, duration_s=0.1, n_trees=2, n_batch=20)
    extent = Extent(
        BRIEF,
        20,
        date(2005, 1, 6),
        5_000,
        significance.Work(60, 3, 50, 4, 2),
        little,
        served,
        portfolio.Work(8, 120, 1),
        tmp_path,
    )
    rows = measured(tmp_path, extent, Console(quiet=True))
    assert all(row.what and row.measured for row in rows)
    assert table.page(rows).count("\n| ") == len(rows) + 1


def test_page_says_which_targets_are_met() -> None:
    page = table.page(
        [Row("a", "1 us", target="under 2 us", is_met=True), Row("b", "3 us", is_met=False), Row("c", "1/s")]
    )
    assert [line.rstrip(" |").rpartition(" ")[2] for line in page.splitlines()[-3:]] == ["yes", "no", "1/s"]


def test_slower_work_takes_longer() -> None:
    took = side_by_side({"short": lambda: sum(range(10)), "long": lambda: sum(range(10_000))}, Effort(3, 0.001))
    assert took["short"] < took["long"]
