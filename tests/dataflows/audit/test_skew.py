"""Skew says which feature differs, how much, of which shares, since when and why. PIT-03."""

from __future__ import annotations

from datetime import date

from dataflows.audit.skew import Pair, feature_skews, pairs_of

ONE, TWO = date(2020, 1, 2), date(2020, 1, 3)


def test_values_that_are_served_and_recomputed_alike_have_no_skew() -> None:
    pairs = pairs_of(ONE, {"x": {"A": 1.0, "B": None}}, {"x": {"A": 1.0, "B": None}}, lambda *_: "")
    (skew,) = feature_skews(pairs)
    assert (skew.n_compared, skew.n_mismatched, skew.psi, skew.ks) == (2, 0, 0.0, 0.0)
    assert (skew.symbols, skew.since_on, skew.causes) == ((), None, ())


def test_one_bit_is_a_mismatch_with_its_share_its_first_session_and_its_cause() -> None:
    served, recomputed = {"x": {"A": 0.1 + 0.2, "B": 1.0}}, {"x": {"A": 0.3, "B": 1.0}}
    pairs = [pair for day in (TWO, ONE) for pair in pairs_of(day, served, recomputed, lambda *_: "correction")]
    (skew,) = feature_skews(pairs)
    assert (skew.mismatch_frac, skew.symbols, skew.since_on, skew.causes) == (0.5, ("A",), ONE, ("correction",))


def test_a_value_that_is_no_longer_there_is_a_mismatch() -> None:
    (skew,) = feature_skews(pairs_of(ONE, {"x": {"A": 1.0}}, {}, lambda *_: ""))
    assert (skew.n_mismatched, skew.psi, skew.causes) == (1, None, ("unknown",))


def test_the_most_mismatched_feature_comes_first() -> None:
    pairs = [Pair("a", "A", ONE, 1.0, 1.0, ""), Pair("b", "A", ONE, 1.0, 2.0, "code")]
    assert [skew.feature for skew in feature_skews(pairs)] == ["b", "a"]
