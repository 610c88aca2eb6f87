"""The risk of an account: from its log alone, against its own state, with a breach recorded once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk, open_models
from api.use_cases.incidents import incidents
from api.use_cases.risk import RiskDesk, halts, recorded_breaches, risk_backtest, risk_limits, risk_report
from api.use_cases.risk_terms import risk_terms
from api.use_cases.scenario_runs import begun
from governance.ports import Transaction
from nodes.journal.account import account_from_bytes, opened_account
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.orders import WorkingOrders
from tests.api.use_cases.homes import copied_home, desk_at, home_settings

T = TypeVar("T")
TERMS = risk_terms().model_copy(update={"methods": ("historical", "filtered-ewma"), "window_sessions": 250})


@pytest.fixture(scope="module")
def opened(ran: Path, lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    with desk_at(copied_home(ran, tmp_path_factory.mktemp("risk") / "home"), lake) as found:
        yield found


@pytest.fixture(scope="module")
def desk(opened: OpenDesk) -> RiskDesk:
    found = opened.desk
    return RiskDesk(found.lake, found.active.generation.policy, TERMS, found.account_id)


def test_the_report_counts_pending_orders_at_their_worst(opened: OpenDesk, desk: RiskDesk) -> None:
    with opened.desk.store.reader() as reader:
        report, row = risk_report(desk, reader), reader.account(desk.account_id)
    assert row is not None
    state = account_from_bytes(row.content)
    assert report.gross_frac == pytest.approx(float(state.gross_exposure_usd / state.equity_usd))
    assert sum(each.worst_usd for each in report.exposures) == state.gross_exposure_usd
    assert {each.symbol: each.position_shares for each in report.exposures if each.position_shares} == {
        holding.symbol: holding.position_shares for holding in state.holdings
    }
    assert (report.halts, report.is_over, report.automation_is_disabled) == ((), False, False)
    assert all(each.value_at_risk_frac for each in report.measures)


def test_limits_say_how_far_the_account_has_used_them_up(opened: OpenDesk, desk: RiskDesk) -> None:
    with opened.desk.store.reader() as reader:
        found = {each.limit: each for each in risk_limits(desk, reader)}
        report = risk_report(desk, reader)
    assert found["max_gross_frac"].used_frac == report.gross_frac
    assert found["max_account_drawdown_frac"].found == report.drawdown_frac
    assert found["max_estimated_spread_bps"].used_frac is None
    assert {rule.id for rule in desk.policy.rules if rule.limits} == {each.rule for each in found.values()}


def test_weights_of_an_account_that_is_worth_less_than_nothing_are_not_known(
    ran: Path, lake: Lake, tmp_path: Path
) -> None:
    """Missing is never zero: no part of such a limit reads as used."""
    with desk_at(copied_home(ran, tmp_path / "home"), lake) as found:
        poor = found.desk

        with poor.store.reader() as reader:
            row = reader.account(poor.account_id)
        assert row is not None
        state, lost_usd = account_from_bytes(row.content), Decimal(10**9)
        cash_usd, paid_in_usd = state.cash_usd - lost_usd, state.contributed_usd - lost_usd
        state = replace(state, cash_usd=cash_usd, contributed_usd=paid_in_usd, orders=WorkingOrders(()))
        begun(poor, state, "a loss beyond all that was paid in")
        desk = RiskDesk(poor.lake, poor.active.generation.policy, TERMS, poor.account_id)
        with poor.store.reader() as reader:
            limits = {each.limit: each for each in risk_limits(desk, reader)}
            report = risk_report(desk, reader)
    worst = [each.worst_weight_frac for each in report.exposures]
    assert report.is_over is None
    assert (set(worst), limits["max_weight_frac"].found, limits["max_gross_frac"].used_frac) == ({None}, None, None)


def test_a_risk_that_nobody_measured_is_neither_over_nor_under(opened: OpenDesk, desk: RiskDesk) -> None:
    """GOV-05: unknown is not the same as within the limits, and a measure that is known to be over says so alone."""
    known = {"methods": ("historical",), "incident_method": "historical"}
    tight = replace(desk, terms=TERMS.model_copy(update={**known, "max_value_at_risk_frac": 1e-9}))
    other = replace(desk, terms=TERMS.model_copy(update={**known, "incident_method": "student"}))
    with opened.desk.store.reader() as reader:
        assert [risk_report(each, reader).is_over for each in (desk, tight, other)] == [False, True, None]


@pytest.mark.parametrize(("equity_usd", "stopped"), [(700_000, []), (699_999, ["drawdown"])])
def test_a_halt_stands_beyond_its_limit_and_not_at_it(desk: RiskDesk, equity_usd: int, stopped: list[str]) -> None:
    """GOV-04."""
    state = opened_account("demo", Decimal(equity_usd))
    state = replace(state, peaks=((0, Decimal(1_000_000)),), day_start_equity_usd=Decimal(equity_usd))
    assert [halt.rule for halt in halts(desk.policy, state)] == stopped


def test_switch_and_throttle_are_halts_too(desk: RiskDesk) -> None:
    state = replace(opened_account("demo", Decimal(1)), kill_switch_is_engaged=True, automation_is_disabled=True)
    assert {halt.rule for halt in halts(desk.policy, state)} == {"kill-switch", "automation"}


def test_each_breach_opens_one_incident_however_often_it_is_recorded(opened: OpenDesk, desk: RiskDesk) -> None:
    """GOV-05. At a level of two in five there are breaches within fifteen sessions."""
    loose = replace(desk, terms=TERMS.model_copy(update={"value_at_risk_level_frac": 0.4}))
    settings = home_settings(opened.folder.path)
    with open_models(settings) as models:
        with models.store.reader() as reader:
            found = risk_backtest(loose, reader)
        opened_now, n_known = recorded_breaches(loose, models, found, "risk")
        again, n_again = recorded_breaches(loose, models, found, "risk")
        with models.store.reader() as reader:
            kept = incidents(reader)
    breaches = next(each for each in found.methods if each.method == loose.terms.incident_method).breaches
    assert (len(opened_now), n_known) == (len(breaches), 0)
    assert (again, n_again) == ((), len(breaches))
    assert breaches
    assert kept[-1].what.startswith(f"The account lost {breaches[-1].loss_frac:.2%} on {breaches[-1].session_on}")
    assert {each.began_at for each in kept} == {desk.lake.calendar.close(each.session_on) for each in breaches}


def test_a_breach_that_two_record_at_once_opens_one_incident(ran: Path, lake: Lake, tmp_path: Path) -> None:
    """GOV-05: whether there is one already is asked inside the append, whoever else recorded it meanwhile."""
    home = copied_home(ran, tmp_path / "home")
    with desk_at(home, lake) as found, open_models(home_settings(home)) as one, open_models(home_settings(home)) as two:
        desk = RiskDesk(lake, found.desk.active.generation.policy, TERMS, found.desk.account_id)
        loose = replace(desk, terms=TERMS.model_copy(update={"value_at_risk_level_frac": 0.4}))
        with one.store.reader() as reader:
            told = risk_backtest(loose, reader)

        def outrun(work: Callable[[Transaction], T], /) -> T:
            recorded_breaches(loose, two, told, "quicker")
            return one.append(work)

        opened_now, n_known = recorded_breaches(loose, replace(one, append=outrun), told, "slower")
        with one.store.reader() as reader:
            kept = incidents(reader)
    assert (opened_now, n_known) == ((), len(kept))
    assert kept
    assert {each.principal for each in kept} == {"quicker"}
    assert len({each.title for each in kept}) == len(kept)


def test_an_account_that_has_not_begun_has_no_risk(opened: OpenDesk, desk: RiskDesk) -> None:
    with opened.desk.store.reader() as reader, pytest.raises(EdgeError, match="account 'nobody' has not begun"):
        risk_report(replace(desk, account_id="nobody"), reader)
