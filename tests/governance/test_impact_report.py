"""The report of an impact: sums that add up, bytes that say one thing, and a digest that an entry can be held to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.impact_report import (
    ESTIMATE,
    PATH,
    STEP,
    Effect,
    ImpactReport,
    ImpactSubject,
    PathImpact,
    impact_digest,
    impact_facts,
    impact_faults,
    impact_report,
)
from governance.impact_rows import COUNTS, ImpactChunk, ImpactRow, rows_bytes, rows_digest
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import LogError

CANDIDATE = b"\x07" * 32
SUBJECT = ImpactSubject(
    origin="paper",
    log_size=40,
    log_root=b"\x01" * 32,
    candidate="tiny v2",
    candidate_digest=CANDIDATE,
    order_plan_digest=b"\x02" * 32,
    live="tiny v1",
    live_digest=b"\x03" * 32,
    asked="all decisions",
    first_sequence=3,
    last_sequence=39,
    horizon_sessions=20,
)
DAY = date(2020, 1, 6)


def row(
    before: tuple[str, str, int] = ("pass", "act", 100),
    now: tuple[str, str, int] = ("deny", "deny", 0),
    price: Decimal | None = Decimal("10.00"),
    **changes: Any,
) -> ImpactRow:
    """A decision that changed."""
    told: dict[str, Any] = {
        "sequence": 3,
        "decision_id": "ab" * 32,
        "symbol": "AAPL",
        "session_on": DAY,
        "policy_digest": "cd" * 32,
        "rules_added": ("notional",),
        "rules_dropped": (),
        "because": ("too big",),
        **dict(zip(("verdict_before", "action_before", "shares_before"), before, strict=True)),
        **dict(zip(("verdict", "action", "shares"), now, strict=True)),
    }
    return ImpactRow(**{**told, **changes}, price_usd=price)


def chunk(*rows: ImpactRow, n_alike: int = 5) -> ImpactChunk:
    """A stretch of decisions of which these changed and some others stayed as they were."""
    counts: dict[str, dict[str, int]] = {name: {} for name in COUNTS}
    counts["verdicts"] = {"pass>pass": n_alike}
    counts["symbols"] = {"AAPL": n_alike}
    for each in rows:
        counts["verdicts"][each.flip] = counts["verdicts"].get(each.flip, 0) + 1
        counts["symbols"][each.symbol] = counts["symbols"].get(each.symbol, 0) + 1
        for name in each.rules_added:
            counts["rules"][name] = counts["rules"].get(name, 0) + 1
        for name in each.rules_dropped:
            counts["rules_before"][name] = counts["rules_before"].get(name, 0) + 1
    return ImpactChunk(n_decisions=n_alike + len(rows), rows=rows, **counts)


def tenth(_symbol: str, _session_on: date) -> Decimal:
    """Everything gained a tenth."""
    return Decimal("0.1")


def test_a_report_adds_up_what_the_chunks_say() -> None:
    """ENG-06: flips, sizes, notional and the later profit of the difference."""
    denied = row()
    smaller = row(("clip", "act", -200), ("clip", "act", -150), symbol="IBM", rules_added=(), because=())
    found = impact_report(SUBJECT, [chunk(denied), chunk(smaller)], tenth)
    assert (found.n_decisions, found.n_changed, found.n_flipped, found.n_resized) == (12, 2, 1, 2)
    assert found.effect == Effect(2, Decimal("3000.00"), Decimal("1500.00"), Decimal("-50.00"), 0)
    assert found.flips["pass>deny"] == Effect(1, Decimal("1000.00"), Decimal("0.00"), Decimal("-100.00"), 0)
    assert found.symbols["IBM"] == (1, Effect(1, Decimal("2000.00"), Decimal("1500.00"), Decimal("50.00"), 0))
    assert (found.rules["notional"].n_now, found.rules["notional"].added.n_decisions) == (1, 1)
    assert found.tables == tuple((rows_digest(rows_bytes(rows)), 1) for rows in ((denied,), (smaller,)))


def test_what_is_estimated_says_so() -> None:
    found = impact_report(SUBJECT, [chunk(row())], tenth)
    assert found.says == {"decisions": STEP, "later_pnl_usd": ESTIMATE}
    path = PathImpact("research/x", b"", DAY, DAY, 1, Decimal(1), Decimal(2), 0.0, 0.0, {}, {}, DAY, ())
    assert impact_report(SUBJECT, [], tenth, path).says["path"] == PATH


def test_a_difference_without_a_price_or_a_return_is_counted_and_not_zero() -> None:
    """ENG-06: missing is never zero."""
    found = impact_report(SUBJECT, [chunk(row(price=None), row())], lambda *_: None)
    assert (found.effect.n_unpriced, found.effect.later_pnl_usd) == (2, Decimal(0))
    assert found.effect.notional_before_usd == Decimal("1000.00")


def test_decisions_that_send_as_many_shares_as_before_make_no_difference() -> None:
    held = row(("deny", "deny", 0), ("review", "hold", 100))
    found = impact_report(SUBJECT, [chunk(held)], lambda *_: None)
    assert (found.n_resized, found.effect) == (0, Effect(1, Decimal("0.00"), Decimal("0.00"), Decimal(0), 0))


def test_the_same_impact_has_the_same_bytes_and_another_one_others() -> None:
    one, other = (impact_report(SUBJECT, [chunk(row(), n_alike=count)], tenth) for count in (5, 6))
    assert impact_report(SUBJECT, [chunk(row())], tenth).body == one.body
    assert impact_digest(one.body) != impact_digest(other.body)
    facts = impact_facts(one.body)
    assert (facts["n_decisions"], facts["subject"]["candidate_digest"]) == (6, CANDIDATE)


_VERDICTS = st.sampled_from([("pass", "act", 100), ("clip", "act", 60), ("deny", "deny", 0), ("review", "hold", 100)])


@settings(max_examples=40)
@given(
    pairs=st.lists(st.tuples(_VERDICTS, _VERDICTS, st.sampled_from(["AAPL", "IBM"])), max_size=12),
    cut=st.integers(0, 12),
)
def test_sums_do_not_depend_on_how_decisions_are_cut_into_chunks(pairs: list[Any], cut: int) -> None:
    """ENG-06: a resumed impact comes to the same."""
    rows = [row(before, now, symbol=symbol) for before, now, symbol in pairs]
    whole = impact_report(SUBJECT, [chunk(*rows, n_alike=0)], tenth)
    parts = impact_report(SUBJECT, [chunk(*rows[:cut], n_alike=0), chunk(*rows[cut:], n_alike=0)], tenth)
    assert replace(parts, tables=whole.tables) == whole
    assert sum(each.n_decisions for each in whole.flips.values()) == whole.n_changed == len(rows)
    assert sum((effect.later_pnl_usd for _, effect in whole.symbols.values()), Decimal(0)) == whole.effect.later_pnl_usd


def _facts(report: ImpactReport, **changes: Any) -> dict[str, Any]:
    return {"impact_digest": impact_digest(report.body), "policy_digest": CANDIDATE, **changes}


def test_an_entry_is_held_to_the_report_that_it_names() -> None:
    """ENG-06: the report's digest is bound to the activation."""
    report = impact_report(SUBJECT, [chunk(row())], tenth)
    assert impact_faults(_facts(report), report.body, "paper") == ()
    (other,) = impact_faults(_facts(report, impact_digest=bytes(32)), report.body)
    assert "its body hashes to" in other
    (policy,) = impact_faults(_facts(report, policy_digest=bytes(32)), report.body)
    assert "of another policy" in policy
    (log,) = impact_faults(_facts(report), report.body, "live")
    assert "about log 'paper'" in log


@pytest.mark.parametrize("body", [b"", b"nonsense", encode({"scheme": 1}), encode([1])])
def test_bytes_that_are_no_report_are_refused(body: bytes) -> None:
    with pytest.raises(LogError, match="no impact report"):
        impact_facts(body)
    (fault,) = impact_faults({"impact_digest": impact_digest(body), "policy_digest": CANDIDATE}, body)
    assert "names an impact report that is none" in fault


def test_a_report_of_another_scheme_is_refused() -> None:
    report = impact_report(SUBJECT, [], tenth)
    body = encode({**impact_facts(report.body), "scheme": 2})
    with pytest.raises(LogError, match="scheme 2, expected 1"):
        impact_facts(body)
