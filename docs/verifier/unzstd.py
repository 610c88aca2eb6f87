# ruff: noqa: INP001  # a file to hand to others, part of no package
"""Zstandard decompression in plain Python: RFC 8878 without dictionaries, for reading what is archived, not for speed.

    python unzstd.py FILE.zst > FILE

`verify_bundle.py` beside it uses this where neither Python (3.14 and later have `compression.zstd`) nor an installed
package decompresses. A megabyte takes about a second. Needs Python 3.9 and nothing else.
"""

from __future__ import annotations

import sys
from itertools import accumulate
from pathlib import Path

START = 64
"""Where a stream that is read from its end begins, in bits: the zeros before it are padding."""


class NoZstd(ValueError):  # noqa: N818  # it says what the bytes are
    """Some bytes are no zstd frame that is read here."""


def decompress(data: bytes) -> bytes:
    """The content of one frame. Raises NoZstd for anything else."""
    try:
        return bytes(Zstd(data).out)
    except (IndexError, ZeroDivisionError) as error:
        raise NoZstd(f"the frame is broken: {error}") from error


class Bits:
    """Bits of a zstd stream that is read from its end; before its start there are zeros."""

    def __init__(self, data: bytes) -> None:
        self.data, self.left = bytes(START // 8) + data, 8 * len(data) + START - 9 + data[-1].bit_length()

    def peek(self, count: int) -> int:
        """The next bits, not yet taken."""
        at = self.left - count
        return int.from_bytes(self.data[at >> 3 : (at >> 3) + 8], "little") >> (at & 7) & ((1 << count) - 1)

    def take(self, count: int) -> int:
        """The next bits."""
        found = self.peek(count)
        self.left -= count
        return found


def fse_table(counts: list[int], log: int) -> list[tuple[int, int, int]]:
    """RFC 8878 section 4.1.1: symbol, bits to read and what they are added to, for each state."""
    size = 1 << log
    symbols, high, at = [0] * size, size - 1, 0
    for symbol in (each for each, count in enumerate(counts) if count == -1):
        symbols[high], high = symbol, high - 1
    for symbol, count in enumerate(counts):
        for _ in range(count):
            symbols[at] = symbol
            at = (at + (size >> 1) + (size >> 3) + 3) % size
            while at > high:
                at = (at + (size >> 1) + (size >> 3) + 3) % size
    seen, table = [abs(count) for count in counts], []
    for symbol in symbols:
        width = log + 1 - seen[symbol].bit_length()
        table.append((symbol, width, (seen[symbol] << width) - size))
        seen[symbol] += 1
    return table


def fse_described(data: bytes) -> tuple[list[tuple[int, int, int]], int, int]:
    """The table that a description gives, its log, and how many bytes it took."""
    bits, log, at, counts = int.from_bytes(data[:512], "little"), (data[0] & 15) + 5, 4, []
    remaining = 1 << log
    while remaining > 0:
        width = (remaining + 1).bit_length()
        low, spare = (1 << (width - 1)) - 1, (1 << width) - 2 - remaining
        value = bits >> at & (2 * low + 1)
        is_short = value & low < spare
        value, at = (value & low, at + width - 1) if is_short else (value - spare * (value > low), at + width)
        counts.append(value - 1)
        remaining -= abs(value - 1)
        repeat = 3 if value == 1 else 0
        while repeat == 3:  # noqa: PLR2004  # the flag that another follows
            repeat, at = bits >> at & 3, at + 2
            counts += [0] * repeat
    return fse_table(counts, log), log, (at + 7) // 8


def huffman_table(data: bytes) -> tuple[list[tuple[int, int]], int, int]:
    """RFC 8878 section 4.2.1: symbol and width for each prefix, the longest width, and how many bytes it took."""
    size, weights = data[0], []
    if size > 127:  # noqa: PLR2004  # weights of four bits each
        weights, size = [data[1 + at // 2] >> (4 - at % 2 * 4) & 15 for at in range(size - 127)], (size - 126) // 2
    else:
        table, log, used = fse_described(data[1 : 1 + size])
        bits, turn = Bits(data[1 + used : 1 + size]), 0
        states = [bits.take(log), bits.take(log)]
        while bits.left >= START:
            symbol, width, base = table[states[turn]]
            weights.append(symbol)
            states[turn], turn = base + bits.take(width), 1 - turn
        weights.append(table[states[turn]][0])
    total = sum(1 << weight >> 1 for weight in weights)
    longest = total.bit_length()
    weights.append(((1 << longest) - total).bit_length())
    order = sorted((weight, symbol) for symbol, weight in enumerate(weights) if weight)
    return [(s, longest + 1 - w) for w, s in order for _ in range(1 << (w - 1))], longest, 1 + size


def huffman_text(data: bytes, table: list[tuple[int, int]], longest: int) -> bytes:
    """The literals of one stream."""
    bits, out = Bits(data), bytearray()
    if not longest:  # each symbol would take no bits: no end
        raise NoZstd("the frame has literals without a table")
    while bits.left > START:
        symbol, width = table[bits.peek(longest)]
        bits.left -= width
        out.append(symbol)
    return bytes(out)


def codes(extra: list[int], first: int) -> list[tuple[int, int]]:
    """What each code stands for: its base and how many bits are added."""
    return list(zip(accumulate([first, *(1 << width for width in extra)]), extra))  # noqa: B905


LENGTHS = codes([0] * 16 + [1] * 4 + [2, 2, 3, 3, 4, *range(6, 17)], 0)
MATCHES = codes([0] * 32 + [1] * 4 + [2, 2, 3, 3, 4, 4, 5, *range(7, 17)], 3)
OFFSETS = [(1 << width, width) for width in range(32)]
GIVEN = (
    ([4, 3, *[2] * 11, 1, 1, 1, *[2] * 9, 3, 2, *[1] * 5, *[-1] * 4], 6),
    ([*[1] * 6, 2, 2, 2, *[1] * 15, *[-1] * 5], 5),
    ([1, 4, 3, *[2] * 6, *[1] * 37, *[-1] * 7], 6),
)


class Zstd:
    """One zstd frame without a dictionary, RFC 8878 section 3.1.1, as it is decompressed."""

    def __init__(self, data: bytes) -> None:
        self.out, self.huffman, self.recent = bytearray(), ([(0, 0)], 0), [1, 4, 8]
        self.tables: list[tuple[list[tuple[int, int, int]], int]] = [([], 0)] * 3
        if data[:4] != b"\x28\xb5\x2f\xfd" or data[4] & 3:
            raise NoZstd("the bytes are no zstd frame without a dictionary")
        is_single = data[4] >> 5 & 1
        at, is_last = 6 - is_single + [is_single, 2, 4, 8][data[4] >> 6], 0
        while not is_last:
            head = int.from_bytes(data[at : at + 3], "little")
            is_last, kind, size = head & 1, head >> 1 & 3, head >> 3
            part = data[at + 3 : at + 3 + (1 if kind == 1 else size)]
            at += 3 + len(part)
            if kind == 2:  # noqa: PLR2004  # compressed
                self._sequences(*self._literals(part))
            else:
                self.out += part * (size if kind == 1 else 1)

    def _literals(self, data: bytes) -> tuple[bytes, bytes]:
        """The literals of a block, and what follows them."""
        kind, form = data[0] & 3, data[0] >> 2 & 3
        if kind < 2:  # noqa: PLR2004  # raw or one byte repeated
            head = [1, 2, 1, 3][form]
            size = int.from_bytes(data[:head], "little") >> (4 if form & 1 else 3)
            part = data[head : head + (1 if kind else size)]
            return part * (size if kind else 1), data[head + len(part) :]
        head, width = [(3, 10), (3, 10), (4, 14), (5, 18)][form]
        size = int.from_bytes(data[:head], "little") >> (4 + width) & ((1 << width) - 1)
        part, rest = data[head : head + size], data[head + size :]
        if kind == 2:  # noqa: PLR2004  # with a table of its own
            table, longest, used = huffman_table(part)
            self.huffman, part = (table, longest), part[used:]
        cuts = [0]
        if form:
            cuts = list(accumulate([6, *(int.from_bytes(part[at : at + 2], "little") for at in (0, 2, 4))]))
        parts = [part[cut:end] for cut, end in zip(cuts, [*cuts[1:], len(part)])]  # noqa: B905
        return b"".join(huffman_text(each, *self.huffman) for each in parts), rest

    def _sequences(self, literals: bytes, data: bytes) -> None:
        """Put literals and matches in their order."""
        count, at, used = data[0], 1, 0
        if count == 255:  # noqa: PLR2004
            count, at = int.from_bytes(data[1:3], "little") + 0x7F00, 3
        elif count > 127:  # noqa: PLR2004
            count, at = (count - 128 << 8) + data[1], 2
        if count:
            modes, at = data[at], at + 1
            for place in range(3):
                at += self._table(place, modes >> (6 - 2 * place) & 3, data[at:])
            bits = Bits(data[at:])
            states = [bits.take(log) for _, log in self.tables]
        for turn in range(count):
            steps = [table[state] for (table, _), state in zip(self.tables, states)]  # noqa: B905
            offset, match, length = (
                base + bits.take(width)
                for base, width in (OFFSETS[steps[1][0]], MATCHES[steps[2][0]], LENGTHS[steps[0][0]]))  # fmt: skip
            self.out += literals[used : used + length]
            used += length
            self._copy(self._distance(offset, length), match)
            if turn < count - 1:
                states[0] = steps[0][2] + bits.take(steps[0][1])
                states[2] = steps[2][2] + bits.take(steps[2][1])
                states[1] = steps[1][2] + bits.take(steps[1][1])
        self.out += literals[used:]

    def _table(self, place: int, mode: int, data: bytes) -> int:
        if mode == 0:
            self.tables[place] = fse_table(*GIVEN[place]), GIVEN[place][1]
        elif mode == 1:
            self.tables[place] = [(data[0], 0, 0)], 0
        elif mode == 2:  # noqa: PLR2004  # described here; else the one of before
            table, log, used = fse_described(data)
            self.tables[place] = table, log
            return used
        return 1 if mode == 1 else 0

    def _distance(self, offset: int, length: int) -> int:
        place = 3 if offset > 3 else offset - 1 + (length == 0)  # noqa: PLR2004
        found = offset - 3 if offset > 3 else [*self.recent, self.recent[0] - 1][place]  # noqa: PLR2004
        self.recent = [found, *(each for at, each in enumerate(self.recent) if at != min(place, 2))]
        return found

    def _copy(self, distance: int, length: int) -> None:
        chunk = self.out[len(self.out) - distance : len(self.out) - distance + length]
        self.out += (chunk * (length // len(chunk) + 1))[:length]


if __name__ == "__main__":
    sys.stdout.buffer.write(decompress(Path(sys.argv[1]).read_bytes()))
