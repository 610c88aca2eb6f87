"""Whatever happens to working orders in whatever order, no share is lost or doubled and the log verifies."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases import broker
from tests.api.use_cases.order_storms import weathered


@pytest.mark.parametrize("seed", [40])
def test_orders_weather_a_storm(lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """API-STR-03, SGN-07: fills, busts, corrections, cancels, replacements, lost appends, the kill switch."""
    monkeypatch.setattr(broker, "PAUSE_S", 3600.0)
    weathered(lake, tmp_path, seed)
