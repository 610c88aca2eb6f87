"""A scenario's report made by hand, for what shows it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import msgspec

from api.use_cases.scenarios import GuardrailRow, Money, PathReport, ScenarioReport, SessionRow

DAYS = (date(2008, 9, 15), date(2008, 9, 16))


def money(end_usd: int) -> Money:
    return Money(Decimal(end_usd), end_usd / 1000 - 1.0, 0.25, -0.1, 3, 2, Decimal(500), Decimal(4), Decimal(1))


def made_report(n_paths: int = 1) -> ScenarioReport:
    rows = (
        GuardrailRow("drawdown", "deny", 2, 1, *DAYS, Decimal(120)),
        GuardrailRow("notional", "clip", 1, 1, DAYS[0], DAYS[0], Decimal(-30)),
        GuardrailRow("cost", "warn", 1, None, DAYS[0], DAYS[0], None),
    )
    sessions = (
        SessionRow(DAYS[0], Decimal(950), Decimal(940), 930.0, ("drawdown", "notional")),
        SessionRow(DAYS[1], Decimal(900), Decimal(880), 910.0, ()),
    )
    path = PathReport(
        1,
        Decimal(1000),
        money(900),
        money(880),
        Decimal(20),
        -0.09,
        0.2,
        rows,
        {"drawdown": DAYS},
        ("bought",),
        sessions,
    )
    paths = tuple(
        msgspec.structs.replace(path, number=number, guarded=money(900 - number)) for number in range(1, n_paths + 1)
    )
    return ScenarioReport(
        "made", 1, "A <made> crisis", "real", "us-equities v1", "sha256:00", *DAYS, DAYS[0], 2, "estimate: again", paths
    )
