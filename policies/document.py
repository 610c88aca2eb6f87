"""YAML text to nodes with places: the safe, small part of YAML 1.2 that policies and cases are written in.

One document of mappings, lists and scalars, in UTF-8. Anchors, aliases, tags, duplicate keys, deep nesting
and huge texts are refused, before anything is built from them. What a scalar means is `policies.values`'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from nodes.vocabulary.errors import Fault
from policies.slips import quoted

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 20_000
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")
"""Control characters, halves of surrogate pairs, and marks that make a text read otherwise than it says."""
_WORD = re.compile("[a-z][a-z0-9_]*")
_BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "UTF-8", b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


@dataclass(frozen=True)
class Scalar:
    """A scalar as written.

    Attributes:
        text: what it says, quotes and escapes resolved.
        style: "" for a plain scalar, else the character that opens it: ' " | or >.
        index: where it begins in the source, from 0.
        line: its line, from 1.
        column: its column, from 1.
    """

    text: str
    style: str
    index: int
    line: int
    column: int


@dataclass(frozen=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True)
class Mapping:
    """A mapping, keys in the order of the text."""

    entries: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


@dataclass(frozen=True)
class Broken:
    """A place whose node was refused; its fault is already told."""

    line: int
    column: int


_Loader: TypeAlias = yaml.CSafeLoader | yaml.SafeLoader
Node: TypeAlias = Scalar | Sequence | Mapping | Broken


@dataclass(frozen=True)
class Document:
    """What was read of a text: its root, or None when nothing can be made of it, and every fault.

    `lost` holds the words of what was refused: whoever misses a name may find that it was there.
    """

    file: str
    source: str
    root: Node | None
    faults: tuple[Fault, ...]
    lost: frozenset[str] = frozenset()


def document(data: bytes, file: str) -> Document:
    """The document that the bytes of a file hold."""
    source = _source(data, file)
    if isinstance(source, Fault):
        return Document(file, "", None, (source,))
    try:
        return _read(_Reader(file, source, yaml.CSafeLoader))
    except yaml.YAMLError:
        reader = _Reader(file, source, yaml.SafeLoader)  # slow, and better at saying where a text breaks
    try:
        return _read(reader)
    except yaml.YAMLError as error:
        faults = (*reader.faults, _syntax_fault(error, file, source))
        return Document(file, source, None, tuple(sorted(faults)))


def _read(reader: _Reader) -> Document:
    try:
        root = reader.root()
    except _HaltError:
        root = None
    return Document(reader.file, reader.source, root, tuple(sorted(reader.faults)), frozenset(reader.lost))


def words(node: Node) -> frozenset[str]:
    """Every word that a part of a document could have as a name, keys included."""
    if isinstance(node, Scalar):
        return frozenset(_WORD.findall(node.text))
    if isinstance(node, Sequence):
        return frozenset().union(*(words(item) for item in node.items))
    if isinstance(node, Mapping):
        return frozenset().union(*(words(part) for entry in node.entries for part in entry))
    return frozenset()


def _source(data: bytes, file: str) -> str | Fault:
    if len(data) > MAX_BYTES:
        return Fault(file, 0, 0, f"the text has {len(data)} bytes, expected at most {MAX_BYTES}", "split it")
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            what = f"the text begins with the byte-order mark of {encoding} ({mark.hex()})"
            return Fault(file, 1, 1, what, "save it as UTF-8 without a byte-order mark")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        return Fault(file, line, column, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the text as UTF-8")


def _syntax_fault(error: yaml.YAMLError, file: str, source: str) -> Fault:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        what = ", ".join(part for part in (error.context, error.problem) if part)
        return Fault(file, mark.line + 1, mark.column + 1, f"not YAML: {what}", "complete or correct the text here")
    position = getattr(error, "position", 0)
    character = source[position : position + 1]
    line, column = source.count("\n", 0, position) + 1, position - source.rfind("\n", 0, position)
    return Fault(file, line, column, f"character {character!r} cannot be in YAML", "remove it, or escape it in quotes")


class _HaltError(Exception):
    """Reading cannot go on; the fault is recorded."""


class _Reader:
    """Builds nodes from the events of one text; the events are lazy, so a bomb is refused when it is met."""

    def __init__(self, file: str, source: str, loader: type[_Loader]) -> None:
        self.file = file
        self.source = source
        self.faults: list[Fault] = []
        self.lost: set[str] = set()
        self.n_nodes = 0
        self.events: Iterator[Event] = yaml.parse(source, Loader=loader)

    def root(self) -> Node:
        """The root of the only document."""
        root: Node | None = None
        for event in self.events:
            if isinstance(event, NodeEvent):
                root = self._node(event, 0)
            elif isinstance(event, DocumentStartEvent) and root is not None:
                self._fault(event, "a second document begins here", "keep one document a file")
                raise _HaltError
        if root is None or (isinstance(root, Scalar) and not root.style and not root.text):
            self.faults.append(Fault(self.file, 0, 0, "the text is empty", "write the document"))
            raise _HaltError
        return root

    def _node(self, event: Event, depth: int) -> Node:
        self.n_nodes += 1
        if depth > MAX_DEPTH:
            self._fault(event, f"nested deeper than {MAX_DEPTH}", "flatten it")
            raise _HaltError
        if self.n_nodes > MAX_NODES:
            self._fault(event, f"more than {MAX_NODES} values", "split the text")
            raise _HaltError
        is_refused = self._is_refused(event)
        node = self._built(event, depth)
        if not is_refused:
            return node
        self.lost |= words(node)
        return Broken(node.line, node.column)

    def _built(self, event: Event, depth: int) -> Node:
        index, line, column = _place(event)
        if isinstance(event, ScalarEvent):
            return Scalar(event.value, event.style or "", index, line, column)
        if isinstance(event, SequenceStartEvent):
            items = tuple(self._node(item, depth + 1) for item in self._until_end())
            return Sequence(items, line, column)
        if isinstance(event, MappingStartEvent):
            return Mapping(self._entries(depth), line, column)
        return Broken(line, column)

    def _entries(self, depth: int) -> tuple[tuple[Scalar, Node], ...]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        for event in self._until_end():
            key = self._node(event, depth + 1)
            value = self._node(next(self.events), depth + 1)
            if not isinstance(key, Scalar):
                if not isinstance(key, Broken):
                    self._fault(event, "a key must be a text, not a list or a mapping", "write a plain word")
                continue
            if key.text in entries:
                first = entries[key.text][0].line
                self._fault(event, f"key {quoted(key.text)} is here twice (first in line {first})", "remove one")
                self.lost |= words(value)
                continue
            entries[key.text] = (key, value)
        return tuple(entries.values())

    def _until_end(self) -> Iterator[Event]:
        for event in self.events:
            if isinstance(event, CollectionEndEvent):
                return
            yield event

    def _is_refused(self, event: Event) -> bool:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, ScalarEvent) and (unfit := _UNFIT.search(event.value)):
            self._fault(event, f"character {unfit.group()!r} has no place in a policy", "remove the escape")
        elif isinstance(event, AliasEvent):
            self._fault(event, f"*{anchor} is an alias", "write the value out")
        elif anchor is not None:
            self._fault(event, f"&{anchor} is an anchor", "remove it; write every value out")
        elif tag is not None:
            self._fault(event, f"{quoted(tag)} is a tag", "remove it; names and the schema say the type")
        else:
            return False
        return True

    def _fault(self, event: Event, what: str, mend: str) -> None:
        _, line, column = _place(event)
        self.faults.append(Fault(self.file, line, column, what, mend))


def _place(event: Event) -> tuple[int, int, int]:
    """Index from 0, line and column from 1 where an event begins."""
    mark = event.start_mark
    return (0, 1, 1) if mark is None else (mark.index, mark.line + 1, mark.column + 1)
