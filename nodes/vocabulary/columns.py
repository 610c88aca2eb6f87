"""Canonical bytes of columns and arrays: what the column holds, not how memory holds it.

A column is a type word, a row count, a validity bitmap and a data buffer in which null slots are zero,
so that chunking, slicing, dictionaries and buffer offsets leave no mark. NaN has one bit pattern.
"""

from __future__ import annotations

import struct
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import polars as pl

from nodes.vocabulary.errors import DataError

_HEAD = struct.Struct(">QQ")
_FIXED: dict[Any, tuple[bytes, Any]] = {
    pl.Float64: (b"f8", np.float64),
    pl.Float32: (b"f4", np.float32),
    pl.Int64: (b"i8", np.int64),
    pl.Int32: (b"i4", np.int32),
    pl.Int16: (b"i2", np.int16),
    pl.Int8: (b"i1", np.int8),
    pl.UInt64: (b"u8", np.uint64),
    pl.UInt32: (b"u4", np.uint32),
    pl.UInt16: (b"u2", np.uint16),
    pl.UInt8: (b"u1", np.uint8),
    pl.Boolean: (b"b1", np.bool_),
}
_TICK_NS = {"ns": 1, "us": 1_000, "ms": 1_000_000}
_FEW_TEXTS = 1000
_BY_WORD = {word: (dtype, kind) for dtype, (word, kind) in _FIXED.items()}


def array_bytes(array: np.ndarray) -> bytes:
    """Little-endian, row-major bytes of an array, every NaN with the same bits."""
    plain = np.ascontiguousarray(array)
    if plain.dtype.kind == "f" and np.isnan(plain).any():
        plain = np.where(np.isnan(plain), np.array(np.nan, dtype=plain.dtype), plain)
    elif plain.dtype.kind == "b":
        plain = plain.view(np.uint8) != 0  # numpy takes any byte for True and hands it on
    return plain.astype(plain.dtype.newbyteorder("<"), copy=False).tobytes()


def array_from_bytes(data: bytes, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
    """The array that `array_bytes` wrote."""
    return np.frombuffer(data, dtype=dtype.newbyteorder("<")).reshape(shape).astype(dtype)


def column_bytes(column: pl.Series) -> bytes:
    """Canonical bytes of a column. Raises DataError for a type that has none, and for a naive datetime."""
    n_nulls = column.null_count()
    valid = _validity(column, n_nulls) if n_nulls else None
    word, data = _data(column, valid)
    bits = np.ones(len(column), np.bool_) if valid is None else valid
    bitmap = np.packbits(bits, bitorder="little").tobytes()
    return word + _HEAD.pack(len(column), len(bitmap)) + bitmap + data


def _validity(column: pl.Series, n_nulls: int) -> np.ndarray:
    """Where the column has a value. Nulls that are its only NaN are told without the cost of an expression."""
    if column.dtype.is_float():
        is_nan: np.ndarray = np.isnan(column.to_numpy())
        if np.count_nonzero(is_nan) == n_nulls:
            return ~is_nan
    return column.is_not_null().to_numpy()


def _data(column: pl.Series, valid: np.ndarray | None) -> tuple[bytes, bytes]:
    dtype = column.dtype
    fixed = _FIXED.get(dtype.base_type())
    if fixed is not None:
        word, kind = fixed
        if valid is not None and dtype.is_float():
            return word, array_bytes(np.where(valid, column.to_numpy(), kind(0)))
        zero: Any = False if dtype == pl.Boolean else 0
        filled = column if valid is None else column.fill_null(zero)
        return word, array_bytes(filled.to_numpy().astype(kind, copy=False))
    if dtype == pl.Date:
        days = column.cast(pl.Int32)
        return b"d4", array_bytes((days if valid is None else days.fill_null(0)).to_numpy())
    if isinstance(dtype, pl.Datetime):
        return b"t8", array_bytes(_instants(column, dtype).fill_null(0).to_numpy())
    if dtype == pl.String:
        return b"s_", _texts(column)
    if isinstance(dtype, pl.Categorical | pl.Enum):
        return b"c_", _texts(column.cast(pl.String))
    message = f"column {column.name!r} of {dtype} has no canonical bytes; cast it to a type of the vocabulary"
    raise DataError(message)


def _instants(column: pl.Series, dtype: pl.Datetime) -> pl.Series:
    if dtype.time_zone != "UTC":
        message = f"column {column.name!r} holds naive or local times ({dtype}); convert it to UTC instants"
        raise DataError(message)
    ticks, tick_ns = column.to_physical(), _TICK_NS[dtype.time_unit]
    limit = (2**63 - 1) // tick_ns  # polars' own cast of the unit panics on the farthest instants
    if not ticks.is_between(-limit, limit).all():
        message = f"column {column.name!r} holds an instant out of int64 nanoseconds ({dtype}); use 1677 to 2262"
        raise DataError(message)
    return ticks * tick_ns


def _texts(column: pl.Series) -> bytes:
    if len(column) <= _FEW_TEXTS:
        parts = [b"" if text is None else text.encode() for text in column.to_list()]
        return np.array([len(part) for part in parts], dtype="<u8").tobytes() + b"".join(parts)
    texts = column.fill_null("")
    lengths = texts.str.len_bytes().to_numpy().astype("<u8").tobytes()
    return lengths + str(texts.str.join("").item()).encode()


def column_from_bytes(data: bytes) -> pl.Series:
    """The column that `column_bytes` wrote, in one chunk. Raises ValueError when the bytes are broken."""
    word = data[:2]
    height, size = _HEAD.unpack(data[2:18])
    bitmap = np.frombuffer(data[18 : 18 + size], np.uint8)
    if size != (height + 7) // 8 or size != len(bitmap):
        message = f"column of {height} rows has a bitmap of {len(bitmap)} bytes where {size} were said"
        raise ValueError(message)
    valid = np.unpackbits(bitmap, count=height, bitorder="little").astype(bool)
    column = _column(word, data[18 + size :], height)
    if column.len() != height:
        message = f"column of {height} rows holds {column.len()}"
        raise ValueError(message)
    return column if valid.all() else pl.select(pl.when(pl.Series(valid)).then(column)).to_series().alias("")


def _column(word: bytes, body: bytes, height: int) -> pl.Series:
    if word in _BY_WORD:
        dtype, kind = _BY_WORD[word]
        return pl.Series(array_from_bytes(body, np.dtype(kind), (height,)), dtype=dtype)
    if word == b"d4":
        return pl.Series(array_from_bytes(body, np.dtype(np.int32), (height,))).cast(pl.Date)
    if word == b"t8":
        return pl.Series(array_from_bytes(body, np.dtype(np.int64), (height,))).cast(pl.Datetime("ns", "UTC"))
    if word in (b"s_", b"c_"):
        texts = pl.Series(_split(body, height), dtype=pl.String)
        return texts if word == b"s_" else texts.cast(pl.Categorical)
    message = f"unknown column type {word!r}"
    raise ValueError(message)


def _split(body: bytes, height: int) -> list[str]:
    lengths = np.frombuffer(body[: 8 * height], "<u8").tolist()
    ends = list(accumulate(lengths, initial=8 * height))
    if ends[-1] != len(body):
        message = f"text column of {ends[-1]} bytes has {len(body)}"
        raise ValueError(message)
    return [body[start:end].decode() for start, end in pairwise(ends)]
