"""Conditions over the names of the policy, asked of day plans: each fires once (API-SIG-06)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.sql.alert_tables import ArmedState
from api.use_cases.arming import ASKED_EVERY, ArmRequest, ConditionWatch, armed_condition
from api.use_cases.market import advanced_session
from api.use_cases.service import Service
from api.use_cases.telling import Teller
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.boards import ears, told_by
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path_factory.mktemp("arming") / "home", lake) as opened:
        yield opened


@pytest.fixture
def teller(tmp_path: Path, service: Service) -> Teller:
    return told_by(tmp_path, service.clock, ears())


@pytest.fixture
def watch(service: Service, teller: Teller) -> ConditionWatch:
    return ConditionWatch(service, teller.board, teller)


def armed(service: Service, teller: Teller, condition: str, symbol: str = "AAPL", **changes: object) -> str:
    asked = ArmRequest(condition, ACCOUNT, symbol, **changes)  # type: ignore[arg-type]  # names of fields
    return armed_condition(service, teller.board, asked, "ada")[0].armed_id


def test_a_condition_that_holds_fires_once_and_says_what_it_read(
    service: Service, teller: Teller, watch: ConditionWatch
) -> None:
    armed_id = armed(service, teller, "close_price_usd > 100 AND NOT kill_switch_is_engaged", title="dear")
    assert watch.look() == 1
    (found,) = teller.board.alerts()
    assert (found.notice.title, found.notice.symbol, found.notice.account_id) == ("dear", "AAPL", ACCOUNT)
    assert "close_price_usd 549.03" in found.notice.detail
    ordered(service, "k-once")
    assert watch.look() == 0
    assert teller.board.condition(armed_id).state is ArmedState.FIRED


def test_a_condition_waits_until_it_holds(service: Service, teller: Teller, watch: ConditionWatch) -> None:
    """It reads the account as it is now: an order fires it that was placed after it was armed."""
    armed(service, teller, "pending_buy_shares > 0", "MSFT")
    assert watch.look() == 0
    ordered(service, "k-wait", symbol="MSFT")
    assert watch.look() == 1
    assert "pending_buy_shares 100" in teller.board.alerts()[0].notice.detail


def test_a_condition_on_any_share_fires_once_for_all_that_it_holds_for(
    service: Service, teller: Teller, watch: ConditionWatch
) -> None:
    armed(service, teller, "close_price_usd > 0", symbol="")
    assert watch.look() == 1
    (found,) = teller.board.alerts()
    assert found.notice.symbol == ""
    assert all(symbol in found.notice.detail for symbol in ("AAPL", "GOOG", "IBM", "MSFT"))


def test_what_is_not_known_fires_nothing(service: Service, teller: Teller, watch: ConditionWatch) -> None:
    """FB has 160 sessions of bars: no score can be computed, so nothing is known of its order."""
    for text in ("composite_score > -100", "NOT composite_score > 100", "participation_frac >= 0"):
        armed(service, teller, text, "FB")
    assert watch.look() == 0
    armed(service, teller, "composite_score IS NULL", "FB")
    assert watch.look() == 1


def test_nothing_is_asked_while_nothing_happens(service: Service, teller: Teller, watch: ConditionWatch) -> None:
    armed(service, teller, "close_price_usd > 1000000")
    watch.look()
    before = watch._seen  # what it remembers of the log
    watch.look()
    assert watch._seen == before
    armed(service, teller, "close_price_usd > 100")
    assert watch.look() == 1, "a new condition is asked though the log has not grown"


def test_conditions_are_asked_again_after_a_while_though_nothing_was_written(
    service: Service, teller: Teller, watch: ConditionWatch
) -> None:
    """A quote grows old by the clock alone."""
    armed(service, teller, "close_price_usd > 1000000")
    watch.look()
    before = watch._asked_at
    watch.look()
    assert watch._asked_at == before
    later = service.clock() + ASKED_EVERY
    watch.service = replace(service, clock=lambda: later)
    watch.look()
    assert watch._asked_at == later


def test_a_condition_that_the_policy_no_longer_knows_stays_armed_and_says_so(
    service: Service, teller: Teller, watch: ConditionWatch
) -> None:
    armed_id = armed(service, teller, "close_price_usd > 1000000")
    known = teller.board.condition(armed_id)
    with teller.board._writing() as connection:  # as an earlier policy would have let it in
        connection.exec_driver_sql("UPDATE armed_conditions SET condition = 'old_name > 1'")
    watch.look()
    found = teller.board.condition(armed_id)
    assert (found.state, known.because) == (ArmedState.ARMED, "")
    assert "unknown name old_name" in found.because


def test_an_expired_condition_is_not_asked(service: Service, teller: Teller, watch: ConditionWatch) -> None:
    soon = service.clock() + timedelta(milliseconds=1)
    armed_id = armed(service, teller, "close_price_usd > 0", expires_at=soon)
    while service.clock() <= soon:
        pass
    assert watch.look() == 0
    assert teller.board.condition(armed_id).state is ArmedState.EXPIRED


def test_a_condition_of_an_account_that_is_not_served_waits(
    service: Service, teller: Teller, watch: ConditionWatch
) -> None:
    armed(service, teller, "close_price_usd > 0")
    with teller.board._writing() as connection:  # as a server of other accounts would have armed it
        connection.exec_driver_sql("UPDATE armed_conditions SET account_id = 'other'")
    assert watch.look() == 0


def test_the_next_session_is_asked_too(service: Service, teller: Teller, watch: ConditionWatch) -> None:
    armed(service, teller, "close_price_usd < 545")
    assert watch.look() == 0
    advanced_session(service, "assay")
    assert watch.look() == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"condition": "colour = 'red'"}, "unknown name colour"),
        ({"symbol": "XYZ"}, "not in the day plan"),
        ({"account_id": "other"}, "not served"),
    ],
)
def test_what_cannot_be_armed_is_refused(service: Service, teller: Teller, changes: dict[str, str], words: str) -> None:
    given = {"condition": "close_price_usd > 0", "account_id": ACCOUNT, "symbol": "AAPL", **changes}
    with pytest.raises((EdgeError, PolicyError), match=words):
        armed_condition(service, teller.board, ArmRequest(**given), "ada")  # type: ignore[arg-type]  # names of fields


def test_a_condition_that_would_end_before_it_began_is_refused(service: Service, teller: Teller) -> None:
    with pytest.raises(EdgeError, match="would expire at"):
        armed(service, teller, "close_price_usd > 0", expires_at=service.clock())
