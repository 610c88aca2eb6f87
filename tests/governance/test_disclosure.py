"""What a salted trace tells when some of its values are masked: enough to prove the rest, and nothing of them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataflows.engine import salts
from dataflows.us_equities import ROW_NODES
from governance.bundle import BundledRuns
from governance.disclosure import NOTHING, Masked, disclosed, masked_values, says
from governance.ports import LogReader
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import EdgeError
from tests.governance.bundle_examples import DecidedHome, clipped, decided, research, runs_of

__all__ = ["decided", "research"]


@pytest.fixture(scope="module")
def reader(decided: DecidedHome) -> Iterator[LogReader]:
    with decided.store.reader() as found:
        yield found


@pytest.fixture(scope="module")
def runs(reader: LogReader) -> BundledRuns:
    return runs_of(reader, clipped(reader))


def _masked(runs: BundledRuns, *names: str) -> Masked:
    return masked_values(names, runs.order, runs.session, ROW_NODES, runs.record.entry.facts)


@given(st.data())
def test_any_set_of_values_can_be_masked_and_the_commitment_still_holds(runs: BundledRuns, data: st.DataObject) -> None:
    """ENG-10: masked fields are salted commitments; proofs still verify."""
    names = data.draw(st.sets(st.sampled_from([node.name for node in runs.order.plan.computed])))
    layouts = (runs.order.reading.layout, runs.order.reading.layout.sized)
    parts = zip(disclosed(runs.order, names), layouts, runs.order.trace.packed, strict=True)
    key = runs.order.trace.key
    assert key is not None
    for number, (values, layout, packed) in enumerate(parts):
        leaves = [each.data if each.is_masked else sha256(each.data).digest() for each in values]
        assert leaves == salts.commitments(key, layout, packed, number)
        assert {node.name for node, each in zip(layout.nodes, values, strict=True) if each.is_masked} <= names


def test_a_masked_value_and_its_salt_are_not_told(runs: BundledRuns) -> None:
    """ENG-10."""
    at = next(at for at, node in enumerate(runs.order.plan.computed) if node.name == "cash_usd")
    open_parts, masked_parts = disclosed(runs.order, ()), disclosed(runs.order, {"cash_usd"})
    preimage, commitment = open_parts[0][at].data, masked_parts[0][at]
    assert commitment == (sha256(preimage).digest(), True)
    told = b"".join(each.data for part in masked_parts for each in part)
    assert preimage[8:24] not in told
    assert runs.order.trace.key is not None
    assert runs.order.trace.key not in told


def test_a_row_of_the_session_is_masked_with_the_field_that_it_filled_and_the_other_way_round(
    runs: BundledRuns,
) -> None:
    """ENG-10."""
    from_order, from_session = _masked(runs, "adv_shares"), _masked(runs, "last_adv_shares")
    assert {"adv_shares"} <= from_order.order
    assert {"last_adv_shares"} <= from_order.session
    assert (from_session.order, "last_adv_shares" in from_session.session) == (from_order.order, True)
    assert from_order.names == tuple(sorted(from_order.order | from_order.session))


def test_values_that_may_tell_a_masked_one_are_named(runs: BundledRuns) -> None:
    """ENG-10: what reads it, and what equals it."""
    near = _masked(runs, "cash_usd").near
    assert "cash_after_usd" in near
    assert "cash_usd" not in near
    assert "cash_after_usd" not in _masked(runs, "cash_usd", "cash_after_usd").near


def test_nothing_is_masked_when_nothing_is_named(runs: BundledRuns) -> None:
    assert _masked(runs) == NOTHING
    assert masked_values(["cash_usd"], runs.order, None, ROW_NODES, {}).session == frozenset()


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("order_shares", "order_shares cannot be masked: the decision's own entry says it"),
        ("candidate_order_shares", "proposed_order_shares cannot be masked"),
        ("nonsense", "'nonsense' is no node of this decision"),
        ("max_order_shares", "is a number of the policy, which the bundle holds"),
    ],
)
def test_what_cannot_be_masked_is_refused_with_the_reason(runs: BundledRuns, name: str, why: str) -> None:
    """ENG-10."""
    with pytest.raises(EdgeError, match=why):
        _masked(runs, name)


def test_an_entry_says_what_is_masked_by_its_name_or_by_its_value(runs: BundledRuns) -> None:
    masked = _masked(runs, "cash_usd")
    value = runs.order.values["cash_usd"]
    assert says({"cash_usd": 1}, masked, runs.order)
    assert says({"equity_usd": value}, masked, runs.order)
    assert not says({"symbol": "IBM", "n_candidates": 3}, masked, runs.order)
    assert encode(value) != encode(None)


@pytest.mark.parametrize("name", ["cash_usd", "cash_after_usd", "volatility_frac", "adv_shares"])
def test_an_entry_says_a_masked_value_in_every_form(runs: BundledRuns, name: str) -> None:
    """ENG-10: nested, as another type of number, within a text; at the proposed size too."""
    masked = _masked(runs, name)
    for value in (runs.order.values[name], runs.order.proposed[name]):
        forms = (value, float(value), f"{value}", f"it was {value:,} then", [{"a": (float(value),)}])
        for fact in forms:
            assert says({"positions": {"IBM": fact}}, masked, runs.order, runs.session)
    assert says({"a": [{name: None}]}, masked, runs.order, runs.session)


def test_an_entry_says_a_masked_value_of_the_session(runs: BundledRuns) -> None:
    """ENG-10: a row of its columns is enough, for the run of the order need not have it."""
    assert runs.session is not None
    masked = _masked(runs, "last_beta_frac")
    beta = runs.session.values["last_beta_frac"][0]
    assert masked.order == frozenset()
    assert says({"AAPL": [beta]}, masked, runs.order, runs.session)
    assert not says({"AAPL": ["IBM", 7]}, masked, runs.order, runs.session)


def test_a_column_that_holds_a_masked_value_is_named(runs: BundledRuns) -> None:
    """ENG-10: the newest row of a column is the value that fills the order's field."""
    assert "close_usd" in _masked(runs, "close_price_usd").near
    told = {"size_reason": f"cash of {runs.order.values['cash_usd']:,} USD", "symbol": "IBM"}
    near = masked_values(["cash_usd"], runs.order, runs.session, ROW_NODES, told).near
    assert "size_reason" in near
    assert "symbol" not in near


def test_a_trace_in_one_piece_tells_all_or_nothing(research: DecidedHome) -> None:
    """ENG-10: a research log commits to no single value."""
    with research.store.reader() as reader:
        runs = runs_of(reader, clipped(reader))
        with pytest.raises(EdgeError, match="of research/bundles is hashed in one piece"):
            disclosed(runs.order, {"cash_usd"})
