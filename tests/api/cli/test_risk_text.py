"""Risk on a terminal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import StringIO

from msgspec.structs import replace
from rich.console import Console

from api.cli.output import THEME
from api.cli.risk_text import print_backtest, print_limits, print_report
from api.use_cases.risk import ExposureView, HaltView, LimitView, RiskBacktest, RiskReport
from api.use_cases.risk_measures import BreachView, MeasureView, MethodBacktestView, ShareView, TestView

DAY = date(2008, 9, 29)


def shown(write: Callable[[Console], None]) -> str:
    stream = StringIO()
    write(Console(file=stream, theme=THEME, highlight=False, width=120))
    return stream.getvalue()


def test_what_is_not_known_is_a_dash_and_never_zero() -> None:
    report = RiskReport(
        account_id="demo",
        marked_on=DAY,
        equity_usd=Decimal(1000),
        cash_usd=Decimal(10),
        gross_frac=0.9,
        net_frac=None,
        drawdown_frac=0.31,
        daily_loss_frac=0.01,
        kill_switch_is_engaged=False,
        automation_is_disabled=False,
        halts=(HaltView("drawdown", 0.31, 0.3),),
        exposures=(ExposureView("IBM", 5, 2, 0, Decimal(500), Decimal(700), 0.7),),
        measures=(MeasureView("historical", None, None, None, None), MeasureView("normal", 0.02, 0.03, 20.0, 30.0)),
        contributions=(ShareView("IBM", 0.5, 0.021),),
        is_over=True,
        terms="us-equities v1",
        policy="us-equities v1",
    )
    lines = [line.split() for line in shown(lambda console: print_report(console, report)).splitlines()]
    assert ["historical", "-", "-"] in lines
    assert ["normal", "2.00%", "3.00%"] in lines
    assert ["IBM", "5", "2", "0", "700", "70.00%", "2.10%"] in lines
    assert ["drawdown", "stops", "new", "risk:", "31.00%", "against", "30.00%"] in lines
    for is_over, said in ((True, "us-equities v1, beyond its limits"), (None, "beyond its limits is not known")):
        told = replace(report, is_over=is_over)
        assert said in " ".join(shown(lambda console, told=told: print_report(console, told)).split())  # type: ignore[misc]


def test_a_backtest_shows_zone_tests_and_breaches_of_the_method_that_counts() -> None:
    """GOV-05."""
    test = TestView(3.9, 0.048)
    breaches = (BreachView(DAY, date(2008, 9, 26), 0.084, 0.055),)
    found = MethodBacktestView("filtered-ewma", 250, 3, 2.5, test, test, TestView(None, None), "green", 0.0, breaches)
    backtest = RiskBacktest("demo", 0.01, "filtered-ewma", (found,))
    lines = [line.split() for line in shown(lambda console: print_backtest(console, backtest)).splitlines()]
    assert ["filtered-ewma", "250", "3", "2.5", "green", "0.048", "0.048", "-"] in lines
    assert ["2008-09-29", "8.40%", "5.50%"] in lines


def test_a_limit_of_an_order_has_no_use_yet() -> None:
    rows = [LimitView("shares", "clip", "all", "max_order_shares", 5000.0, None, None, "plain")]
    assert "5,000" in shown(lambda console: print_limits(console, rows))
