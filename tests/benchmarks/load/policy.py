"""The policy that is in force under load: the shipped one, but for the limits that exist to stop a flood of orders.

Every other rule decides as it does for the desk. The cases beside it are moved with the limits, so that the file goes
through the same door as any other.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from api.settings import SHIPPED_POLICY

MANY = 1_000_000
FIRST_IN_FORCE_AT = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
"""A log may begin with a policy that is in force."""

_IN_FORCE = re.compile(r"effective_from: \S+")
_LIMITS = (
    ("duplicate_from_count: 1}", f"duplicate_from_count: {MANY}}}"),
    ("_orders_count: 3}", f"_orders_count: {MANY}}}"),
    ("throttle_from_count: 10}", f"throttle_from_count: {MANY}}}"),
)
_CASES = (
    *((f"{{same_orders_today_count: {n}", f"{{same_orders_today_count: {MANY - 1 + n}") for n in (0, 1, 2)),
    *((f"{{orders_today_count: {n}", f"{{orders_today_count: {MANY - 3 + n}") for n in (1, 2, 3)),
    *((f"{{repeated_orders_count: {n}", f"{{repeated_orders_count: {MANY - 10 + n}") for n in (9, 10, 11)),
)


def written(
    folder: Path, version: int = 1, supersedes: str | None = None, in_force_at: datetime = FIRST_IN_FORCE_AT
) -> Path:
    """Write a version of the policy and its cases into a folder. Returns its file.

    Args:
        folder: where to.
        version: of the policy.
        supersedes: digest of the version before it.
        in_force_at: from when on it may decide.
    """
    text, cases = SHIPPED_POLICY.read_text("utf-8"), SHIPPED_POLICY.with_suffix(".cases.yaml").read_text("utf-8")
    head = (
        ("version: 1\n", f"version: {version}\n"),
        ("supersedes: null", f"supersedes: {supersedes or 'null'}"),
    )
    text = _IN_FORCE.sub(f"effective_from: {in_force_at:%Y-%m-%dT%H:%M:%SZ}", text)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"v{version}.yaml"
    file.with_suffix(".cases.yaml").write_text(replaced(cases, _CASES), "utf-8")
    file.write_text(replaced(text, (*head, *_LIMITS)), "utf-8")
    return file


def replaced(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    """The text with each change made. Raises AssertionError when the shipped policy no longer says what is changed."""
    for old, new in changes:
        assert old in text, f"{SHIPPED_POLICY} no longer says {old!r}"
        text = text.replace(old, new)
    return text
