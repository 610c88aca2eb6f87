"""Where the parts of a document stand in its file, so that every fault can be placed.

A path is what leads to a part: `("rules", 0, "limits", "max_spread_bps")`.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from typing import TypeAlias

from nodes.vocabulary.errors import Fault
from policies.document import Broken, Document, Mapping, Node, Scalar, Sequence
from policies.slips import Slip

Path: TypeAlias = tuple[str | int, ...]
Spot: TypeAlias = tuple[int, int]


class Marks(MappingType[Path, Spot]):
    """Line and column, from 1, of every value of a document; a path that is not there has its nearest parent's."""

    def __init__(self, document: Document) -> None:
        self.file = document.file
        self._source = document.source
        self._nodes: dict[Path, Node] = {}
        self._keys: dict[Path, Scalar] = {}
        self._key_sets: dict[Path, frozenset[str]] = {}
        if document.root is not None:
            self._add((), document.root)

    def __getitem__(self, path: Path) -> Spot:
        return self.spot(path)

    def __iter__(self) -> Iterator[Path]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, path: object) -> bool:
        return path in self._nodes

    def spot(self, path: Path, offset: int = 0) -> Spot:
        """Line and column of the value at a path, or of its character at `offset` when it is a text."""
        while path and path not in self._nodes:
            path, offset = path[:-1], 0
        node = self._nodes.get(path)
        if node is None:
            return (1, 1)
        if isinstance(node, Scalar) and offset:
            return _spot_in(self._source, node, offset)
        return (node.line, node.column)

    def key_spot(self, path: Path) -> Spot:
        """Line and column of the key that names the value at a path."""
        key = self._keys.get(path)
        return (key.line, key.column) if key else self.spot(path)

    def keys_at(self, path: Path) -> frozenset[str]:
        """The keys of the mapping at a path."""
        return self._key_sets.get(path, frozenset())

    def is_broken(self, path: Path) -> bool:
        """Whether the value at a path, or a parent of it, was refused already."""
        return any(isinstance(self._nodes.get(path[:end]), Broken) for end in range(len(path) + 1))

    def fault(self, path: Path, what: str, mend: str, offset: int = 0) -> Fault:
        """A fault in the value at a path."""
        return Fault(self.file, *self.spot(path, offset), what, mend)

    def key_fault(self, path: Path, what: str, mend: str) -> Fault:
        """A fault in the key that names the value at a path."""
        return Fault(self.file, *self.key_spot(path), what, mend)

    def slip_fault(self, path: Path, slip: Slip) -> Fault:
        """The fault that a slip in the text at a path is."""
        return self.fault(path, slip.what, slip.mend, slip.offset)

    def _add(self, path: Path, node: Node) -> None:
        self._nodes[path] = node
        if isinstance(node, Mapping):
            self._key_sets[path] = frozenset(key.text for key, _ in node.entries)
            for key, value in node.entries:
                self._keys[(*path, key.text)] = key
                self._add((*path, key.text), value)
        elif isinstance(node, Sequence):
            for index, item in enumerate(node.items):
                self._add((*path, index), item)


def _spot_in(source: str, scalar: Scalar, offset: int) -> Spot:
    """Where a character of a scalar's text stands in the source.

    White space is folded by YAML, other characters are not: the n-th of them in the text is the n-th in the
    source. An escape sequence in double quotes ends the count, and the scalar's own place is the answer.
    """
    wanted = sum(not character.isspace() for character in scalar.text[:offset])
    at = _body_index(source, scalar)
    while at < len(source) and (wanted or source[at].isspace()):
        if scalar.style == '"' and source[at] == "\\":
            return (scalar.line, scalar.column)
        at += scalar.style == "'" and source.startswith("''", at)
        wanted -= not source[at].isspace()
        at += 1
    return _line_and_column(source, at)


def _body_index(source: str, scalar: Scalar) -> int:
    if scalar.style in ("|", ">"):
        return source.find("\n", scalar.index) + 1
    return scalar.index + len(scalar.style)


def _line_and_column(source: str, index: int) -> Spot:
    return (source.count("\n", 0, index) + 1, index - source.rfind("\n", 0, index))
