"""How the snapshot of a session run is archived: month by month, so that a month is stored once.

A snapshot is a frozen dataclass. Its frames with a `session_on` column are cut into calendar months; all months but the
running one are the same in every later snapshot, and the body store keeps equal content once. Everything else
is kept in the index, a small body that names the months. `restored_snapshot` puts the same values together again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import polars as pl

from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError, LogError

SCHEME = 1
_DAY = "session_on"


@dataclass(frozen=True, slots=True)
class ArchivedSnapshot:
    """Where a snapshot lies.

    Attributes:
        index: ref of the body that names the months and holds the other fields.
        bodies: every ref that is needed, the index included.
    """

    index: bytes
    bodies: tuple[bytes, ...]


class SnapshotArchive:
    """Archives snapshots one after another; months that did not change since the last one are not encoded again."""

    def __init__(self) -> None:
        self._known: dict[date, tuple[dict[str, pl.DataFrame], bytes]] = {}

    def archived(self, snapshot: Any, put_body: Callable[[bytes], bytes]) -> ArchivedSnapshot:  # noqa: ANN401
        """Put the bodies of a snapshot. Raises DataError for a frame that is not sorted by its keys."""
        values = {field.name: getattr(snapshot, field.name) for field in fields(snapshot)}
        frames = {name: value for name, value in values.items() if _is_history(value)}
        for name, frame in frames.items():
            _require_sorted(name, frame)
        months = {month: self._ref(month, parts, put_body) for month, parts in _months(frames).items()}
        content = {
            "scheme": SCHEME,
            "months": tuple((month, ref) for month, ref in months.items()),
            "histories": {name: frame.clear() for name, frame in frames.items()},
            "values": {name: value for name, value in values.items() if name not in frames},
        }
        index = put_body(encode(content))
        return ArchivedSnapshot(index, (index, *dict.fromkeys(months.values())))

    def _ref(self, month: date, parts: dict[str, pl.DataFrame], put_body: Callable[[bytes], bytes]) -> bytes:
        known = self._known.get(month)
        if known is not None and _are_equal(known[0], parts):
            return known[1]
        ref = put_body(encode(parts))
        self._known[month] = (parts, ref)
        return ref


def restored_snapshot(snapshot_type: type[Any], index: bytes, body: Callable[[bytes], bytes]) -> Any:  # noqa: ANN401
    """The snapshot that was archived. Raises LogError when its bodies do not make one of this type."""
    try:
        content = decode(body(index))
        parts = [decode(body(ref)) for _, ref in content["months"]]
        frames = {name: _joined(name, empty, parts) for name, empty in content["histories"].items()}
        return snapshot_type(**frames, **content["values"])
    except (KeyError, TypeError, ValueError, DataError) as error:
        message = f"snapshot {index.hex()} makes no {snapshot_type.__name__}: {error}; restore its bodies from a copy"
        raise LogError(message) from error


def _is_history(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, pl.DataFrame) and value.schema.get(_DAY) == pl.Date


def _keys(frame: pl.DataFrame) -> list[str]:
    return ["symbol", _DAY] if "symbol" in frame.columns else [_DAY]


def _require_sorted(name: str, frame: pl.DataFrame) -> None:
    keys = frame.select(_keys(frame))
    if any(keys.null_count().row(0)) or not keys.equals(keys.sort(keys.columns)):
        message = f"snapshot field {name} is not sorted by {keys.columns}; sort it before the run"
        raise DataError(message)


def _months(frames: Mapping[str, pl.DataFrame]) -> dict[date, dict[str, pl.DataFrame]]:
    """The rows of each frame by month, months ascending; a frame without rows in a month is left out of it."""
    months: dict[date, dict[str, pl.DataFrame]] = {}
    for name, frame in frames.items():
        dated = frame.with_columns(__month=pl.col(_DAY).dt.month_start())
        for key, part in dated.partition_by("__month", as_dict=True, include_key=False).items():
            months.setdefault(key[0], {})[name] = part
    return dict(sorted(months.items()))


def _are_equal(left: Mapping[str, pl.DataFrame], right: Mapping[str, pl.DataFrame]) -> bool:
    return left.keys() == right.keys() and all(left[name].equals(right[name]) for name in left)


def _joined(name: str, empty: pl.DataFrame, parts: list[Mapping[str, pl.DataFrame]]) -> pl.DataFrame:
    whole = pl.concat([empty, *(part[name] for part in parts if name in part)])
    return whole.sort(_keys(empty)).rechunk()
