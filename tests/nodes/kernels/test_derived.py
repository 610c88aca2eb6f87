"""What is kept with a frame: computed once, for that frame alone, and gone with it."""

from __future__ import annotations

import gc
from collections import Counter

import polars as pl

from dataflows.engine.code_digest import code_digest
from nodes.kernels.derived import Derivations, kept
from nodes.kernels.factors import factor_facts

CALLS: Counter[str] = Counter()


@kept
def doubled(frame: pl.DataFrame, times: int = 2) -> pl.DataFrame:
    """The column n so many times."""
    CALLS["doubled"] += 1
    return frame.with_columns(pl.col("n") * times)


@kept
def filtered(frame: pl.DataFrame, other: pl.DataFrame) -> int:
    """How many of the rows are in another frame."""
    CALLS["filtered"] += 1
    return frame.join(other, on="n", how="semi").height


def numbers() -> pl.DataFrame:
    return pl.DataFrame({"n": [1, 2, 3]})


def test_a_frame_is_derived_from_once_for_each_of_the_other_terms() -> None:
    CALLS.clear()
    frame = numbers()
    assert doubled(frame) is doubled(frame)
    assert doubled(frame, 3)["n"].to_list() == [3, 6, 9]
    assert CALLS["doubled"] == 2


def test_an_equal_frame_is_another_frame() -> None:
    CALLS.clear()
    one, other = numbers(), numbers()
    assert doubled(one) is not doubled(other)
    assert CALLS["doubled"] == 2


def test_a_frame_among_the_other_terms_counts_by_its_content() -> None:
    CALLS.clear()
    frame = numbers()
    assert filtered(frame, pl.DataFrame({"n": [1]})) == filtered(frame, pl.DataFrame({"n": [1]})) == 1
    assert filtered(frame, pl.DataFrame({"n": [1, 2]})) == 2
    assert CALLS["filtered"] == 2


def test_what_was_derived_goes_with_its_frame() -> None:
    derivations, frame = Derivations(), numbers()
    assert derivations.of(frame, "three", lambda: 3) == 3
    assert len(derivations) == 1
    del frame
    gc.collect()
    assert len(derivations) == 0


def test_what_is_kept_moves_no_digest_of_the_code_that_keeps_it() -> None:
    first_party = frozenset({"nodes"})
    before = code_digest(factor_facts, first_party)
    factors = pl.DataFrame({"factor": ["vix"], "value": [20.0]})
    assert factor_facts(factors, "vix").height == 1
    assert code_digest(factor_facts, first_party) == before
