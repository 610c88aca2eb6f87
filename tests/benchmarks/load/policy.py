"""The policy that is in force under load: the shipped one, but for the limits that exist to stop a flood of orders.

Every other rule decides as it does for the desk. The cases beside it are moved with the limits, so that the file goes
through the same door as any other.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from api.settings import SHIPPED_POLICY

MANY = 1_000_000
IN_FORCE_AFTER = timedelta(seconds=25)
"""How far ahead the policy takes effect: no policy may reach back, and a server takes a while to start."""

_LIMITS = (
    ("duplicate_from_count: 1}", f"duplicate_from_count: {MANY}}}"),
    ("_orders_count: 3}", f"_orders_count: {MANY}}}"),
)
_CASES = (
    *((f"{{same_orders_today_count: {n}", f"{{same_orders_today_count: {MANY - 1 + n}") for n in (0, 1, 2)),
    *((f"{{orders_today_count: {n}", f"{{orders_today_count: {MANY - 3 + n}") for n in (1, 2, 3)),
)


def written(
    folder: Path,
    version: int = 1,
    supersedes: str | None = None,
) -> datetime:
    """Write a version of the policy and its cases into a folder. Returns the instant from which it is in force.

    Args:
        folder: where to.
        version: of the policy.
        supersedes: digest of the version before it.
    """
    text, cases = SHIPPED_POLICY.read_text("utf-8"), SHIPPED_POLICY.with_suffix(".cases.yaml").read_text("utf-8")
    in_force_at = datetime.now(UTC).replace(microsecond=0) + IN_FORCE_AFTER
    head = (
        ("version: 1\n", f"version: {version}\n"),
        ("supersedes: null", f"supersedes: {supersedes or 'null'}"),
        ("effective_from: 2026-11-23T14:30:00Z", f"effective_from: {in_force_at:%Y-%m-%dT%H:%M:%SZ}"),
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"v{version}.yaml"
    file.with_suffix(".cases.yaml").write_text(replaced(cases, _CASES), "utf-8")
    file.write_text(replaced(text, (*head, *_LIMITS)), "utf-8")
    return in_force_at


def replaced(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    """The text with each change made. Raises AssertionError when the shipped policy no longer says what is changed."""
    for old, new in changes:
        assert old in text, f"{SHIPPED_POLICY} no longer says {old!r}"
        text = text.replace(old, new)
    return text
