"""SGN-02 on the command line: the told plan and one share of it, as HTTP tells them."""

from __future__ import annotations

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home whose market has had its first session."""
    home = str(tmp_path_factory.mktemp("signals") / "home")
    answer("session", "advance", "--home", home)
    return home


def test_a_beginner_reads_a_sentence_a_share(market: str) -> None:
    text = answer("signals", "plan", "--home", market)
    assert text.startswith("Today's plan shows 2 shares. We hold back 1.")
    assert "On a bad day it could lose" in text


def test_an_expert_reads_the_margins_of_every_guardrail(market: str) -> None:
    text = answer("signals", "plan", "--view", "expert", "--home", market)
    for rule in ("notional", "single-name", "daily-loss", "estimated-spread", "stale-bar"):
        assert f"  {rule}: " in text


def test_programs_read_the_same_numbers_in_both_views(market: str) -> None:
    one, other = (json_answer("signals", "plan", "--view", view, "--home", market) for view in ("beginner", "expert"))
    assert one["signal_id"] == other["signal_id"]
    assert [pick["numbers"] for pick in one["picks"]] == [pick["numbers"] for pick in other["picks"]]


def test_a_share_is_explained_by_reasons_and_changes(market: str) -> None:
    text = answer("signals", "explain", "AAPL", "--home", market)
    assert "momentum_frac (" in text
    assert "without it the conviction falls by" in text
    assert "It would leave the plan if its score fell under" in text
    assert json_answer("signals", "explain", "FB", "--home", market)["pick"] is None


def test_a_share_or_an_account_that_is_not_there_is_refused(market: str) -> None:
    result = invoked("signals", "explain", "NONE", "--home", market)
    assert (result.exit_code, "is not in the plan of" in result.stderr) == (14, True)
    result = invoked("signals", "plan", "--account", "nobody", "--home", market)
    assert (result.exit_code, "no such day plan" in result.stderr) == (14, True)
