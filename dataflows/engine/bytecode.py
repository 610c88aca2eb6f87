"""What a code object does, without where it was written: instructions with their operands spelt out.

CPython's bytes name constants and names by their place in tables, and keep traces of the text: a docstring takes a
place among the constants, a line of its own may leave a NOP. Here an operand is the constant, the name or the
instruction that it stands for, so that texts which do the same give the same instructions. For CPython 3.11.
"""

from __future__ import annotations

import dis
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import Any

# Operands are resolved and jumps counted in instructions, so neither says anything.
_SILENT = frozenset({"NOP", "EXTENDED_ARG"})
_GLOBAL = frozenset({"LOAD_GLOBAL", "LOAD_NAME"})
_FLAGS = 0x2AF
"""Optimised, new locals, variadic, generator and coroutine flags: those that decide what a call does."""


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        name: of the operation.
        operand: constant, name, number of the target instruction, or plain number; None without one.
        is_constant: whether the operand is a constant.
        is_global: whether the operand names a global or a built-in.
        is_import: whether the operand names a module.
    """

    name: str
    operand: Any
    is_constant: bool = False
    is_global: bool = False
    is_import: bool = False


@dataclass(frozen=True)
class Code:
    """A code object.

    Attributes:
        shape: numbers of arguments of each kind, flags, and names of the arguments.
        instructions: in order.
        handlers: exception table: first, last and target instruction, depth, and whether the place is pushed.
        names: attributes and globals that it names, sorted.
    """

    shape: tuple[Any, ...]
    instructions: tuple[Instruction, ...]
    handlers: tuple[tuple[int, ...], ...]
    names: tuple[str, ...]


@cache
def described_code(code: CodeType) -> Code:
    """The code object's instructions and what decides how it is called."""
    found = list(dis.get_instructions(code))
    kept = [item for item in found if item.opname not in _SILENT]
    number: dict[int, int] = {}
    waiting = 0
    for item in found:
        number[item.offset] = waiting
        waiting += item.opname not in _SILENT
    end = found[-1].offset + 2
    number[end] = waiting
    n_arguments = code.co_argcount + code.co_kwonlyargcount
    shape = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_flags & _FLAGS)
    return Code(
        shape=(*shape, code.co_varnames[:n_arguments]),
        instructions=tuple(_instruction(code, item, number) for item in kept),
        handlers=_handlers(code, number),
        names=tuple(sorted(code.co_names)),
    )


def _instruction(code: CodeType, item: dis.Instruction, number: dict[int, int]) -> Instruction:
    if item.opcode in dis.hasjrel:
        return Instruction(item.opname, number[item.argval])
    if item.opcode in dis.hasconst:
        return Instruction(item.opname, code.co_consts[item.arg or 0], is_constant=True)
    if item.opcode in dis.hasname:
        is_global, is_import = item.opname in _GLOBAL, item.opname == "IMPORT_NAME"
        return Instruction(item.opname, item.argval, is_global=is_global, is_import=is_import)
    return Instruction(item.opname, item.arg)


def _handlers(code: CodeType, number: dict[int, int]) -> tuple[tuple[int, ...], ...]:
    """The exception table; an instruction's cache entries belong to it, so an end between two counts as the later."""
    offsets = sorted(number)
    after = {
        offset: number[next((at for at in offsets if at >= offset), offsets[-1])] for offset in range(offsets[-1] + 1)
    }
    entries = dis._parse_exception_table(code)  # type: ignore[attr-defined]  # noqa: SLF001  # the only reader there is
    found = [(after[item.start], after[item.end], after[item.target], item.depth, item.lasti) for item in entries]
    return tuple((*item[:4], int(item[4])) for item in found if item[0] < item[1])
