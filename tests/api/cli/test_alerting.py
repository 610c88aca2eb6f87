"""Alerts from the command line: armed, raised, taken on, channels tried (API-SIG-06, SGN-10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.lake import bundled_lake
from adapters.sql.alert_board import ALERT_BOARD, AlertBoard
from api.use_cases.arming import ConditionWatch
from api.use_cases.telling import Teller
from policies.alerting import shipped_alert_policy
from tests.adapters.notifiers.sinks import posts_received
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.http.serving import policy_in_force
from tests.api.test_alert_parts import channels_at, policy_of_one_channel
from tests.api.use_cases.boards import ears
from tests.api.use_cases.services import service_at


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("alerting")
    with service_at(folder / "home", bundled_lake(), policy=policy_in_force(folder / "policies")):
        pass
    return str(folder / "home")


def fired(home: str) -> None:
    """What a server of the home does by itself."""
    with (
        service_at(Path(home), bundled_lake()) as service,
        AlertBoard(Path(home) / ALERT_BOARD, service.clock) as board,
    ):
        ConditionWatch(service, board, Teller(board, shipped_alert_policy(), ears(), service.clock)).look()
        board.claimed("desk-hook", "me", 1.0)
        board.failed(board.deliveries()[0].delivery_id, "me", "no answer", None)


def test_a_condition_is_armed_fires_and_is_taken_on(home: str) -> None:
    condition = "close_price_usd > 100"
    found = json_answer("alert", "arm", condition, "--symbol", "AAPL", "--title", "dear", "--home", home)
    assert (found["state"], found["principal"]) == ("armed", "assay")
    other = json_answer("alert", "arm", "close_price_usd > 1000000", "--home", home)["armed_id"]
    assert json_answer("alert", "disarm", other, "--home", home)["state"] == "disarmed"
    fired(home)
    assert {each["state"] for each in json_answer("alert", "armed", "--home", home)} == {"fired", "disarmed"}
    assert "fired" in answer("alert", "armed", "--home", home)
    (alert,) = json_answer("alert", "list", "--home", home)
    assert alert["title"] == "dear"
    taken = json_answer("alert", "ack", alert["alert_id"], "--note", "selling", "--as", "bob", "--home", home)
    assert taken["acknowledged_by"] == "bob"
    assert json_answer("alert", "list", "--home", home) == []
    assert "bob" in answer("alert", "list", "--all", "--home", home)


def test_a_dead_letter_is_tried_again(home: str) -> None:
    json_answer("alert", "arm", "close_price_usd > 2", "--severity", "note", "--home", home)
    fired(home)
    answer("alert", "deliveries", "--home", home)
    for each in json_answer("alert", "deliveries", "--dead", "--home", home):
        assert json_answer("alert", "retry", str(each["delivery_id"]), "--home", home)["state"] == "waiting"


def test_channels_are_tried_at_once(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """DEP-06: an alert is fired for trial."""
    with posts_received() as posts:
        monkeypatch.setenv("ASSAY_ALERT_POLICY", str(policy_of_one_channel(tmp_path)))
        monkeypatch.setenv("ASSAY_ALERT_CHANNELS", str(channels_at(tmp_path, posts.url)))
        assert json_answer("alert", "test", "--home", home) == {"desk-hook": "taken"}
        posts.answers.append(500)
        assert "receiver answered 500" in answer("alert", "test", "--home", home, exit_code=1)
    assert [each["title"] for each in posts.contents] == ["A trial of the channels of Assay"] * 2


def test_a_home_without_channels_says_that_nobody_is_told(home: str) -> None:
    refused = invoked("alert", "test", "--home", home)
    assert "name their file with ASSAY_ALERT_CHANNELS" in refused.stderr.replace("\n", " ")
