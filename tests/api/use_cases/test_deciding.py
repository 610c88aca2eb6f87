"""Orders are decided inside the append: each sees those before it, none twice, none under another policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.deciding import DecisionAnswer, OrderRequest, answer_bytes, answer_from_bytes, decided
from api.use_cases.desk import Desk
from governance.entries import EntryKind, cl_ord_id
from governance.ports import Transaction
from governance.rows import OrderState
from nodes.journal.account import account_from_bytes, after_fill, after_kill_switch, after_order
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.holdings import Fill
from nodes.vocabulary.orders import PendingOrder
from tests.api.use_cases.homes import POLICY, desk_at, entries

DAY = date(2005, 2, 10)
ROW: dict[str, Any] = {
    "symbol": "AAPL",
    "proposed_order_shares": 100,
    "close_price_usd": Decimal("78.36"),
    "previous_close_price_usd": Decimal("78.74"),
    "daily_return_frac": -0.0048,
    "overnight_gap_frac": 0.001,
    "adv_shares": 20_000_000,
    "last_volume_shares": 21_000_000,
    "volatility_frac": 0.02,
    "estimated_spread_bps": 4.0,
    "bar_age_sessions": 0,
    "target_weight_frac": 0.3,
    "composite_score": 1.0,
}


@pytest.fixture
def opened(lake: Lake, tmp_path: Path) -> Iterator[OpenDesk]:
    with desk_at(tmp_path / "home", lake) as desk:
        yield desk


def _request(desk: Desk, **changes: Any) -> OrderRequest:
    """A request whose plan entry is a made-up id: deciding only cites it."""
    return OrderRequest(DAY, desk.lake.calendar.close(DAY), ROW | changes, b"\x07" * 32, b"\x08" * 32)


def _decided(desk: Desk, *requests: OrderRequest) -> tuple[DecisionAnswer, ...]:
    def work(transaction: Transaction) -> tuple[DecisionAnswer, ...]:
        return tuple(decided(desk, transaction, request) for request in requests)

    return desk.writer.submit(work).result()


def test_an_accepted_order_is_pending_answered_and_in_the_outbox(opened: OpenDesk) -> None:
    desk = opened.desk
    (answer,) = _decided(desk, _request(desk))
    with desk.store.reader() as reader:
        row = reader.account(desk.account_id)
        kept = reader.answer(desk.account_id, "2005-02-10/AAPL")
        (outbound,) = reader.outbox(OrderState.PENDING)
    assert row is not None
    assert kept is not None
    assert (answer.action, answer.order_shares) == ("act", 100)
    assert [order.order_key for order in account_from_bytes(row.content).orders] == ["2005-02-10/AAPL"]
    assert answer_from_bytes(kept.body) == answer
    assert outbound.cl_ord_id == cl_ord_id(desk.account_id, "2005-02-10/AAPL")


def test_the_same_request_is_answered_as_before_and_leaves_no_second_entry(opened: OpenDesk) -> None:
    desk = opened.desk
    (first,) = _decided(desk, _request(desk))
    n_entries = len(entries(desk.store))
    (again,) = _decided(desk, _request(desk))
    assert again == first
    assert len(entries(desk.store)) == n_entries


def test_another_request_under_the_same_key_is_refused(opened: OpenDesk) -> None:
    desk = opened.desk
    _decided(desk, _request(desk))
    with pytest.raises(EdgeError, match=r"key '2005-02-10/AAPL' .* was used for another request, answered by decision"):
        _decided(desk, _request(desk, proposed_order_shares=200))


def test_each_order_of_one_append_sees_the_exposure_of_those_before_it(opened: OpenDesk) -> None:
    """Twelve orders, each of which alone would fit the account, do not fit together."""
    desk = opened.desk
    symbols = [f"S{at}" for at in range(12)]
    (alone,) = _decided(desk, _request(desk, symbol="ALONE", proposed_order_shares=1900))
    answers = _decided(desk, *(_request(desk, symbol=name, proposed_order_shares=1900) for name in symbols))
    sizes = [alone.order_shares, *(answer.order_shares for answer in answers)]
    assert sizes[0] == 1900
    assert sizes[-1] < 1900
    assert sum(sizes) * ROW["close_price_usd"] <= desk.opening_cash_usd
    assert {"cash", "gross-exposure", "message-rate"} & {reason[0] for answer in answers for reason in answer.reasons}


def test_orders_of_one_append_are_all_kept_or_none(opened: OpenDesk) -> None:
    desk = opened.desk
    _decided(desk, _request(desk))
    before = entries(desk.store)
    with pytest.raises(EdgeError, match="was used for another request"):
        _decided(desk, _request(desk, symbol="IBM"), _request(desk, proposed_order_shares=7))
    assert entries(desk.store) == before


def test_a_missing_number_denies_and_names_the_node(opened: OpenDesk) -> None:
    desk = opened.desk
    (answer,) = _decided(desk, _request(desk, estimated_spread_bps=None))
    assert (answer.verdict, answer.action, answer.order_shares) == ("deny", "deny", 0)
    assert any("estimated_spread_bps is absent" in because for _, _, because, _ in answer.reasons)


def test_an_engaged_kill_switch_denies_every_order(opened: OpenDesk) -> None:
    desk = opened.desk

    def work(transaction: Transaction) -> DecisionAnswer:
        desk.save_account(transaction, after_kill_switch(desk.account(transaction), is_engaged=True))
        return decided(desk, transaction, _request(desk))

    answer = desk.writer.submit(work).result()
    assert "kill-switch" in [rule_id for rule_id, _, _, _ in answer.reasons]
    assert answer.action == "deny"


def _sold(opened: OpenDesk, **changes: Any) -> DecisionAnswer:
    """The answer to a sale of all that is held, which only reduces risk."""
    desk = opened.desk

    def work(transaction: Transaction) -> DecisionAnswer:
        order = PendingOrder("held", b"", "AAPL", 100, Decimal(78), 4.0, 0.02)
        held = after_order(desk.account(transaction), order)
        desk.save_account(transaction, after_fill(held, Fill("held", 100, Decimal(78), Decimal(0))))
        return decided(desk, transaction, _request(desk, proposed_order_shares=-100, **changes))

    return desk.writer.submit(work).result()


@pytest.mark.parametrize("field", ["estimated_spread_bps", "daily_return_frac", "bar_age_sessions"])
def test_missing_data_does_not_block_getting_out(opened: OpenDesk, field: str) -> None:
    assert _sold(opened, **{field: None}).action == "act"


def test_an_order_without_a_limit_price_is_refused_by_an_entry_and_not_sent(lake: Lake, tmp_path: Path) -> None:
    """Here the collar judges purchases only, so that nothing but the missing limit stands in the way of a sale."""
    collar, rest = POLICY.read_text(encoding="utf-8").split("  - id: price-collar")
    policy = tmp_path / "v1.yaml"
    policy.write_text(f"{collar}  - id: price-collar{rest.replace('all', 'increasing', 1)}", encoding="utf-8")
    with desk_at(tmp_path / "home", lake, policy=policy) as opened:
        answer = _sold(opened, volatility_frac=None)
        (refusal,) = entries(opened.desk.store, EntryKind.REFUSAL)
        with opened.desk.store.reader() as reader:
            assert reader.outbox(OrderState.PENDING) == []
    assert (answer.action, answer.limit_price_usd) == ("act", None)
    assert refusal.facts["decision_id"] == answer.decision_id
    assert "limit price: absent: missing from the snapshot (at volatility_frac)" in refusal.facts["reason"]


def test_a_decision_under_another_activation_than_the_newest_is_refused(opened: OpenDesk) -> None:
    desk = opened.desk
    stale = replace(desk, active=replace(desk.active, sequence=desk.active.sequence + 7))
    with pytest.raises(EdgeError, match=r"runs policy sha256:.* \(entry 1\), this process .* \(entry 8\)"):
        _decided(stale, _request(stale))
    assert not entries(desk.store, EntryKind.DECISION)


def test_a_decision_names_policy_plan_trace_and_request(opened: OpenDesk) -> None:
    desk = opened.desk
    request = _request(desk)
    _decided(desk, request)
    (entry,) = entries(desk.store, EntryKind.DECISION)
    generation = desk.active.generation
    assert entry.facts["policy_digest"] == generation.policy_digest
    assert entry.facts["plan_digest"] == generation.order.digest
    assert entry.facts["request_digest"] == request.digest
    assert entry.as_of == desk.lake.calendar.close(DAY)


def test_requests_that_differ_in_any_number_have_other_digests(opened: OpenDesk) -> None:
    desk = opened.desk
    changed = [_request(desk), _request(desk, adv_shares=1), _request(desk, volatility_frac=0.03)]
    assert len({request.digest for request in changed}) == 3


def test_an_answer_survives_its_bytes(opened: OpenDesk) -> None:
    (answer,) = _decided(opened.desk, _request(opened.desk))
    assert answer_from_bytes(answer_bytes(answer)) == answer
