"""The paper market from the command line: one home, moved on, traded in, stopped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A home with two sessions and one order, sent twice."""
    home = str(tmp_path_factory.mktemp("market") / "home")
    answer("session", "advance", "--home", home)
    answer("order", "send", "IBM", "100", "--key", "k1", "--client-order-id", "mine", "--home", home)
    return home


def test_an_order_sent_again_under_its_key_is_the_same_order(market: str) -> None:
    again = json_answer("order", "send", "IBM", "100", "--key", "k1", "--client-order-id", "mine", "--home", market)
    assert again["is_replayed"]
    assert (again["action"], again["order_shares"]) == ("act", 100)


def test_another_order_under_the_same_key_is_refused(market: str) -> None:
    result = invoked("order", "send", "IBM", "7", "--key", "k1", "--home", market)
    assert result.exit_code == 14
    assert "was used for another request" in result.stderr


def test_a_denied_order_says_which_rule_and_why(market: str) -> None:
    shown = answer("order", "send", "IBM", "50", "--home", market)
    assert "deny by duplicate: 1 orders in IBM on this side" in shown


def test_orders_are_shown_and_listed(market: str) -> None:
    (listed,) = json_answer("order", "list", "--home", market)
    assert json_answer("order", "show", listed["cl_ord_id"], "--home", market) == listed
    assert (listed["client_order_id"], listed["status"]) == ("mine", "new")
    assert "IBM" in answer("order", "list", "--home", market)
    assert "new" in answer("order", "show", listed["cl_ord_id"], "--home", market)


def test_where_the_market_stands_is_shown(market: str) -> None:
    (stand,) = json_answer("session", "show", "--home", market)
    assert (stand["session_on"], stand["next_on"]) == ("2013-01-03", "2013-01-04")
    assert "2013-01-04" in answer("session", "show", "--home", market)


def test_moving_on_from_a_session_that_is_over_changes_nothing(market: str) -> None:
    (advance,) = json_answer("session", "advance", "--from", "2013-01-02", "--home", market)
    assert (advance["is_new"], advance["plan"]["session_on"]) == (False, "2013-01-03")
    assert {row["symbol"] for row in advance["plan"]["rows"]} == {"AAPL", "FB", "GOOG", "IBM", "MSFT"}


def test_the_kill_switch_cancels_what_works(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    answer("order", "send", "IBM", "100", "--home", home)
    assert json_answer("kill-switch", "on", "--reason", "drill", "--home", home)["is_changed"]
    (order,) = json_answer("order", "list", "--home", home)
    assert order["status"] == "canceled"
    assert "kill-switch" in answer("order", "send", "MSFT", "100", "--home", home)
    assert answer("verify", "--home", home)
