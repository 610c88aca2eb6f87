"""Request bodies: bounded while they are read, decoded strictly, and every wrong field named at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

import msgspec
from litestar.types import Receive

from api.http.problems import RequestError, refused_fields

_T = TypeVar("_T", bound=msgspec.Struct)
_MAX_TOLD = 80
_JSON = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})


class ClientGoneError(Exception):
    """The client went away before its request was whole; nobody is left to be told."""


def require_json(headers: Mapping[bytes, bytes]) -> None:
    """Raises RequestError for a body that is no plain JSON in UTF-8."""
    kind = headers.get(b"content-type", b"")
    if kind not in _JSON and (kind := kind.strip().lower()) not in _JSON:
        said = kind.decode("latin-1") or "absent"
        raise RequestError(
            f"Content-Type is {said[:80]!r}; send application/json",
            reason="unsupported-media-type",
            headers={"accept": "application/json"},
        )
    require_plain(headers)


def require_plain(headers: Mapping[bytes, bytes]) -> None:
    """Raises RequestError for a compressed body."""
    coding = headers.get(b"content-encoding")
    if coding is not None and (coding := coding.strip().lower()) not in {b"identity", b""}:
        raise RequestError(
            f"Content-Encoding is {coding.decode('latin-1')[:40]!r}; send the body as it is",
            reason="unsupported-media-type",
            headers={"accept-encoding": "identity"},
        )


def require_length(headers: Mapping[bytes, bytes], max_bytes: int) -> None:
    """Raises RequestError for a body that says it is too long, before it is read."""
    said = headers.get(b"content-length", b"0")
    if not said.isdigit():
        raise RequestError(f"Content-Length {said[:20]!r} is no number; correct it", reason="bad-request")
    if int(said) > max_bytes:
        raise too_long(f"{int(said)}", max_bytes)


def too_long(said: str, max_bytes: int) -> RequestError:
    """The refusal of a body that is too long."""
    return RequestError(f"body has {said} bytes, at most {max_bytes} are read; send less", reason="too-large")


async def body(receive: Receive, max_bytes: int) -> bytes:
    """The whole body. Raises RequestError when it is too long, ClientGoneError when it never ends."""
    message = await receive()
    if message["type"] == "http.request" and not message.get("more_body"):
        whole: bytes = message["body"]
        if len(whole) > max_bytes:
            raise too_long(f"{len(whole)}", max_bytes)
        return whole
    parts, n_bytes = [], 0
    while True:
        if message["type"] != "http.request":
            raise ClientGoneError
        parts.append(message["body"])
        n_bytes += len(message["body"])
        if n_bytes > max_bytes:
            raise too_long(f"more than {max_bytes}", max_bytes)
        if not message.get("more_body"):
            return b"".join(parts)
        message = await receive()


def decoded(content: bytes, decoder: msgspec.json.Decoder[_T]) -> _T:
    """The struct that JSON holds. Raises RequestError that names every wrong field."""
    try:
        found = decoder.decode(content)
    except msgspec.ValidationError:
        found = _with_whole_numbers(_raw(content), decoder.type)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise refused_fields([("body", f"is no JSON: {error}")]) from error
    if not _is_plain(content):
        _pairs.decode(content.decode())
    return found


def _with_whole_numbers(raw: Any, kind: type[_T]) -> _T:  # noqa: ANN401  # whatever JSON holds
    """The struct, with 8.0 read as 8: to JSON Schema both are integers."""
    whole = _whole(raw)
    try:
        return msgspec.convert(whole, kind)
    except msgspec.ValidationError as error:
        raise refused_fields(_faults(whole, kind) or [("body", str(error))]) from error


def _whole(raw: Any) -> Any:  # noqa: ANN401
    if isinstance(raw, dict):
        return {name: _whole(each) for name, each in raw.items()}
    if isinstance(raw, list):
        return [_whole(each) for each in raw]
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def _is_plain(content: bytes) -> bool:
    """Whether JSON is seen at a glance to name no field twice: one object of plain texts, as many as it has quotes for.

    A field given twice leaves two quotes or more that no name and no value of the object answers for.
    """
    if b"\\" in content:
        return False
    fields = _fields.decode(content)
    n_texts = len(fields) + sum([type(value) is str for value in fields.values()])
    return content.count(b'"') == 2 * n_texts


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Refuses an object that names a field twice: two readers of one order could see two orders."""
    if len(dict(pairs)) == len(pairs):
        return
    names = [name for name, _ in pairs]
    twice = {name: "is given more than once; give it once" for name in names if names.count(name) > 1}
    raise refused_fields(list(twice.items()))


_pairs = json.JSONDecoder(object_pairs_hook=_once)
_fields = msgspec.json.Decoder(dict[str, Any])


def _raw(content: bytes) -> Any:  # noqa: ANN401  # whatever JSON holds
    """What a body holds that is not what it should be."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise refused_fields([("body", f"is no JSON that can be read: {error}")]) from error


def _faults(raw: Any, kind: type[msgspec.Struct]) -> list[tuple[str, str]]:  # noqa: ANN401
    """Everything that is wrong with a body, not only the first."""
    if not isinstance(raw, dict):
        return [("body", f"is {type(raw).__name__}, expected an object")]
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    unknown = [(name[:80], f"is unknown; known are {', '.join(fields)}") for name in raw if name not in fields]
    return [*_field_faults(raw, fields), *unknown]


def _field_faults(raw: Mapping[str, Any], fields: Mapping[str, msgspec.structs.FieldInfo]) -> Iterator[tuple[str, str]]:
    for name, field in fields.items():
        if name not in raw:
            if field.required:
                yield name, "is missing"
            continue
        try:
            msgspec.convert(raw[name], field.type)
        except msgspec.ValidationError as error:
            yield name, f"{error}, was {_told(raw[name])}{_example(field.type)}"


def _told(value: Any) -> str:  # noqa: ANN401
    text = msgspec.json.encode(value).decode()
    return text if len(text) <= _MAX_TOLD else f"{text[:_MAX_TOLD]}..."


def _example(kind: Any) -> str:  # noqa: ANN401  # a type, perhaps annotated
    """What to write instead, where the field's type tells an example."""
    found = [meta.examples[0] for meta in getattr(kind, "__metadata__", ()) if getattr(meta, "examples", None)]
    return f"; write e.g. {_told(found[0])}" if found else ""
