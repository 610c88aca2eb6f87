"""What of an HTTP contract breaks the clients that were made from an earlier one.

Two OpenAPI 3.1 documents are compared operation by operation. A request may only be asked less of, an answer may only
say more:

    request    no operation, parameter, media type or field goes; none becomes required; no bound gets tighter
    answer     no status, media type or field goes; no field becomes optional; no type or value is added
    rights     no operation asks for a scope that it did not ask for

A break is a sentence with the place at its front. What is new is no break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Node = Mapping[str, Any]
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_UPPER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
_LOWER = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
_ALTERNATIVES = ("oneOf", "anyOf")


@dataclass(frozen=True)
class _Document:
    """One OpenAPI document whose references can be followed."""

    root: Node

    def resolved(self, node: Node) -> Node:
        """What a node says, its reference followed."""
        while "$ref" in node:
            target: Any = self.root
            for step in str(node["$ref"]).removeprefix("#/").split("/"):
                target = target[step.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def operations(self) -> dict[str, Node]:
        """Every operation by its method and path."""
        return {
            f"{method.upper()} {path}": {**item[method], "parameters": self._parameters(item, item[method])}
            for path, item in self.root["paths"].items()
            for method in _METHODS
            if method in item
        }

    def _parameters(self, item: Node, operation: Node) -> dict[tuple[str, str], Node]:
        """Parameters of the path and of the operation by place and name."""
        listed = [self.resolved(each) for each in (*item.get("parameters", ()), *operation.get("parameters", ()))]
        return {(each["in"], each["name"]): each for each in listed}


@dataclass(frozen=True)
class _Schemas:
    """A walk over two schemas side by side.

    Attributes:
        old: the document that clients were made from.
        new: the document as it is.
        is_request: whether clients send what the schema describes; otherwise they receive it.
    """

    old: _Document
    new: _Document
    is_request: bool

    def breaks(self, place: str, old: Node, new: Node, above: tuple[int, ...] = ()) -> Iterator[str]:
        """What breaks between two schemas at one place and below it."""
        old, new = self.old.resolved(old), self.new.resolved(new)
        if id(old) in above:
            return
        above = (*above, id(old))
        yield from self._types(place, old, new)
        yield from self._values(place, old, new)
        if self.is_request:
            yield from _tighter(place, old, new)
        yield from self._fields(place, old, new, above)
        if "items" in old and "items" in new:
            yield from self.breaks(f"{place}[]", old["items"], new["items"], above)
        yield from self._alternatives(place, old, new, above)

    def _types(self, place: str, old: Node, new: Node) -> Iterator[str]:
        before, after = _types(old), _types(new)
        lost = before - after if self.is_request else after - before
        if before and after and lost:
            yield f"{place}: type was {sorted(before)}, is {sorted(after)}"

    def _values(self, place: str, old: Node, new: Node) -> Iterator[str]:
        before, after = _values(old), _values(new)
        if self.is_request and after is not None and (before is None or before - after):
            yield f"{place}: takes only {sorted(after)}, took {'anything' if before is None else sorted(before)}"
        if not self.is_request and before is not None and (after is None or after - before):
            yield f"{place}: may say {'anything' if after is None else sorted(after)}, said only {sorted(before)}"

    def _fields(self, place: str, old: Node, new: Node, above: tuple[int, ...]) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in sorted(before.keys() - after.keys()):
            yield f"{place}.{name}: is gone"
        required, now_required = set(old.get("required", ())), set(new.get("required", ()))
        changed = now_required - required if self.is_request else (required - now_required) & after.keys()
        for name in sorted(changed):
            yield f"{place}.{name}: {'is now required' if self.is_request else 'may now be left out'}"
        for name in sorted(before.keys() & after.keys()):
            yield from self.breaks(f"{place}.{name}", before[name], after[name], above)

    def _alternatives(self, place: str, old: Node, new: Node, above: tuple[int, ...]) -> Iterator[str]:
        for word in _ALTERNATIVES:
            before, after = old.get(word, ()), new.get(word, ())
            if self.is_request and len(after) < len(before):
                yield f"{place}: takes {len(after)} of the {len(before)} forms that it took"
            if not self.is_request and before and len(after) > len(before):
                yield f"{place}: has {len(after)} forms, had {len(before)}"
            for number, (left, right) in enumerate(zip(before, after, strict=False)):
                yield from self.breaks(f"{place}<{number}>", left, right, above)


def breaks(old: Node, new: Node) -> tuple[str, ...]:
    """Each thing in the new contract that a client of the old one would trip over; none when there is none."""
    before, after = _Document(old), _Document(new)
    found: list[str] = []
    now = after.operations()
    for name, operation in before.operations().items():
        if name not in now:
            found.append(f"{name}: is gone")
            continue
        found += _parameters(_Schemas(before, after, is_request=True), name, operation, now[name])
        found += _body(_Schemas(before, after, is_request=True), name, operation, now[name])
        found += _answers(_Schemas(before, after, is_request=False), name, operation, now[name])
        found += _rights(name, operation, now[name])
    return tuple(found)


def _parameters(schemas: _Schemas, place: str, old: Node, new: Node) -> Iterator[str]:
    before, after = old["parameters"], new["parameters"]
    for where, name in sorted(before.keys() - after.keys()):
        yield f"{place} {where} {name}: is gone"
    for key in sorted(after):
        was_required = key in before and before[key].get("required", False)
        if after[key].get("required", False) and not was_required:
            yield f"{place} {key[0]} {key[1]}: is now required"
    for key in sorted(before.keys() & after.keys()):
        old_schema, new_schema = before[key].get("schema", {}), after[key].get("schema", {})
        yield from schemas.breaks(f"{place} {key[0]} {key[1]}", old_schema, new_schema)


def _body(schemas: _Schemas, place: str, old: Node, new: Node) -> Iterator[str]:
    before, after = schemas.old.resolved(old.get("requestBody", {})), schemas.new.resolved(new.get("requestBody", {}))
    if after.get("required", False) and not before.get("required", False):
        yield f"{place} body: is now required"
    yield from _contents(schemas, f"{place} body", before.get("content", {}), after.get("content", {}))


def _answers(schemas: _Schemas, place: str, old: Node, new: Node) -> Iterator[str]:
    before, after = old.get("responses", {}), new.get("responses", {})
    for status, answer in before.items():
        if status not in after:
            yield f"{place} {status}: is gone"
            continue
        left, right = schemas.old.resolved(answer), schemas.new.resolved(after[status])
        yield from _contents(schemas, f"{place} {status}", left.get("content", {}), right.get("content", {}))


def _contents(schemas: _Schemas, place: str, old: Node, new: Node) -> Iterator[str]:
    for media, content in old.items():
        if media not in new:
            yield f"{place}: {media} is gone"
        else:
            yield from schemas.breaks(place, content.get("schema", {}), new[media].get("schema", {}))


def _rights(place: str, old: Node, new: Node) -> Iterator[str]:
    before, after = _scopes(old), _scopes(new)
    if after and not before:
        yield f"{place}: asks for a token, asked for none"
    for scope in sorted(after - before if before else ()):
        yield f"{place}: asks for {scope}"


def _scopes(operation: Node) -> set[str]:
    """Schemes and scopes that an operation asks for."""
    return {
        f"{scheme} {scope}".strip()
        for need in operation.get("security", ())
        for scheme, scopes in need.items()
        for scope in scopes or [""]
    }


def _tighter(place: str, old: Node, new: Node) -> Iterator[str]:
    for word in _UPPER:
        if word in new and new[word] < old.get(word, float("inf")):
            yield f"{place}: {word} was {old.get(word, 'free')}, is {new[word]}"
    for word in _LOWER:
        if word in new and new[word] > old.get(word, float("-inf")):
            yield f"{place}: {word} was {old.get(word, 'free')}, is {new[word]}"
    if new.get("pattern", old.get("pattern")) != old.get("pattern"):
        yield f"{place}: pattern was {old.get('pattern', 'free')!r}, is {new['pattern']!r}"


def _types(schema: Node) -> set[str]:
    found = schema.get("type", ())
    return {found} if isinstance(found, str) else set(found)


def _values(schema: Node) -> set[str] | None:
    """The closed set of values, as text; None when the schema closes none."""
    if "const" in schema:
        return {str(schema["const"])}
    return {str(value) for value in schema["enum"]} if "enum" in schema else None
