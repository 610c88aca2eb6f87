"""How alerts are joined: policy, channels, and the threads that watch."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.lake.lake import bundled_lake
from adapters.sql.alert_board import ALERT_BOARD, AlertBoard
from api.alert_parts import Watched, alert_policy, alerts_watched, teller
from api.settings import Settings
from api.use_cases.arming import ArmRequest, armed_condition
from nodes.vocabulary.errors import EdgeError
from policies.alerting import SHIPPED, shipped_alert_policy
from tests.adapters.notifiers.sinks import posts_received
from tests.api.use_cases.services import ACCOUNT, paper_settings, service_at

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105  # the one of the specification's example


def policy_of_one_channel(folder: Path) -> Path:
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace("[desk-mail, desk-chat, desk-hook]", "[desk-hook]").replace("[second-mail]", "[desk-hook]")
    text = text.replace("[desk-mail, desk-hook]", "[desk-hook]").replace("[desk-chat]", "[desk-hook]")
    file = folder / "alerts.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def channels_at(folder: Path, url: str) -> Path:
    file = folder / "channels.yaml"
    file.write_text(f'channels:\n  desk-hook: {{webhook: "{url}", secret: "{SECRET}"}}\n', encoding="utf-8")
    file.chmod(0o600)
    return file


def test_the_policy_is_that_of_the_settings_or_the_one_that_comes_with_assay(tmp_path: Path) -> None:
    assert alert_policy(Settings()) is shipped_alert_policy()
    assert alert_policy(Settings(alert_policy=policy_of_one_channel(tmp_path))).all_channels == {"desk-hook"}


def test_a_condition_reaches_a_webhook_by_itself(tmp_path: Path) -> None:
    """API-SIG-06, SGN-10: armed, asked by the server's thread, fired once, signed and delivered."""
    home = tmp_path / "home"
    with posts_received() as posts, service_at(home, bundled_lake()) as service:
        settings = paper_settings(
            home, alert_policy=policy_of_one_channel(tmp_path), alert_channels=channels_at(tmp_path, posts.url)
        )
        board = AlertBoard(home / ALERT_BOARD, lambda: datetime.now(UTC))
        asked = ArmRequest("close_price_usd > 100", ACCOUNT, "AAPL", "dear", "page")
        armed_condition(service, board, asked, "ada")
        told: list[tuple[str, BaseException | None]] = []
        with alerts_watched(settings, service, board, Watched(), lambda name, error, _: told.append((name, error))):
            ends_s = time.monotonic() + 10.0
            while not posts.bodies and time.monotonic() < ends_s:
                time.sleep(0.02)
        board.close()
    assert [each["title"] for each in posts.contents] == ["dear"]
    assert told == []


def test_a_channel_of_the_policy_that_nobody_set_up_keeps_a_server_from_starting(tmp_path: Path) -> None:
    settings = Settings(alert_channels=channels_at(tmp_path, "https://example.com/hook"))
    with service_at(tmp_path / "home", bundled_lake()) as service, pytest.raises(EdgeError, match="has no channel"):
        teller(settings, service, AlertBoard(tmp_path / ALERT_BOARD, service.clock))
