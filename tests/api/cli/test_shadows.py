"""What a version said in the shadow, from the command line."""

from __future__ import annotations

from pathlib import Path

from api.use_cases.main_job import sessions_run
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.use_cases.model_markets import championed_home, model_desk, traded, trading_desk
from tests.api.use_cases.test_shadows import line_model, shadow


def test_the_newest_sessions_are_shown_with_their_ends(tmp_path: Path) -> None:
    """INF-05: what was stored can be read."""
    home = championed_home(tmp_path / "home")
    with model_desk(home) as desk:
        shadow(desk, line_model(1.0))
    with trading_desk(home) as opened:
        sessions_run(opened.desk, traded()[:2], lambda *_: None)
    place = ("--home", str(home))
    told = json_answer("model", "shadow", "small-study", "-v", "2", *place)
    assert [each["session_on"] for each in told] == [day.isoformat() for day in reversed(traded()[:2])]
    assert len(told[0]["scores"]) == 16
    shown = answer("model", "shadow", "small-study", "-v", "2", "--sessions", "1", *place)
    assert str(traded()[1]) in shown
    assert str(traded()[0]) not in shown
    assert "16 of 16" in shown
    assert "v9 is not registered here" in invoked("model", "shadow", "small-study", "-v", "9", *place).stderr
