"""How the tests of the contract walk a document: its operations, and the examples in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

STREAM = "text/event-stream"


@dataclass(frozen=True)
class Operation:
    """One operation of a document.

    Attributes:
        method: in upper case.
        path: its path, with the names of parameters in braces.
        said: what the document says of it.
    """

    method: str
    path: str
    said: Mapping[str, Any]

    @property
    def label(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def operation_id(self) -> str:
        return str(self.said["operationId"])

    @property
    def scope(self) -> str | None:
        """The scope that it needs; None when anybody may come in."""
        return next((scope for need in self.said["security"] for scope in need["token"]), None)

    @property
    def some_path(self) -> str:
        """Its path with a value for each parameter: for a number the least but zero, for any other its name."""
        values = {
            each["name"]: max(1, int(each["schema"].get("minimum", 1)))
            if each["schema"].get("type") == "integer"
            else each["name"]
            for each in self.said.get("parameters", ())
            if each["in"] == "path"
        }
        return self.path.format_map(values)

    @property
    def is_stream(self) -> bool:
        return STREAM in self.said["responses"].get("200", {}).get("content", {})


@dataclass(frozen=True)
class Example:
    """One example, with where it stands and what it is an example of."""

    place: str
    schema: Mapping[str, Any]
    value: Any


def operations(document: Mapping[str, Any]) -> tuple[Operation, ...]:
    """Every operation of a document."""
    return tuple(
        Operation(method.upper(), path, said)
        for path, item in document["paths"].items()
        for method, said in item.items()
    )


def examples(document: Mapping[str, Any]) -> tuple[Example, ...]:
    """Every example of a body or an answer."""
    return tuple(
        Example(f"{operation.label} {place} {name}", content["schema"], example["value"])
        for operation in operations(document)
        for place, content in _contents(operation.said)
        for name, example in content.get("examples", {}).items()
    )


def _contents(said: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for content in said.get("requestBody", {}).get("content", {}).values():
        yield "requestBody", content
    for status, answer in said["responses"].items():
        for content in answer.get("content", {}).values():
            yield status, content
