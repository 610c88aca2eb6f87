"""Instructions with their operands spelt out, and nothing of the text around them."""

from __future__ import annotations

from types import CodeType

import pytest

from dataflows.engine.bytecode import Code, described_code


def _code(text: str) -> Code:
    scope: dict[str, object] = {}
    exec(text, scope)  # noqa: S102  # a text of this file
    code = getattr(scope["f"], "__code__", None)
    assert isinstance(code, CodeType)
    return described_code(code)


def _operands(text: str) -> list[tuple[str, object]]:
    return [(item.name, item.operand) for item in _code(text).instructions]


def test_operands_are_names_and_constants_and_not_places_in_tables() -> None:
    operands = _operands("def f(x): return LIMIT + x.high + 2.5")
    assert ("LOAD_GLOBAL", "LIMIT") in operands
    assert ("LOAD_ATTR", "high") in operands
    assert ("LOAD_CONST", 2.5) in operands


def test_globals_are_told_from_attributes() -> None:
    found = {item.operand: item.is_global for item in _code("def f(x): return high(x.low)").instructions}
    assert (found["high"], found["low"]) == (True, False)


def test_a_docstring_is_no_instruction_and_moves_none() -> None:
    assert _code('def f(x):\n    "One."\n    return None') == _code("def f(x):\n    return None")


def test_a_jump_leads_to_an_instruction_whatever_the_lines() -> None:
    dense = "def f(x):\n    while x:\n        x -= 1\n    return x"
    airy = "def f(x):\n\n    while x:\n\n        x -= 1\n\n    return x"
    assert _code(dense) == _code(airy)


def test_a_jump_elsewhere_is_another_code() -> None:
    one = "def f(x, y):\n    while x:\n        if y: continue\n        x()\n    return x"
    other = "def f(x, y):\n    while x:\n        if y: break\n        x()\n    return x"
    assert _code(one) != _code(other)


def test_an_exception_table_counts_instructions() -> None:
    code = _code("def f(x):\n    try:\n        return x()\n    except ValueError:\n        return 0")
    (first, last, target, depth, _), *_ = code.handlers
    assert 0 < first < last <= target < len(code.instructions)
    assert depth == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("def f(x, y): return x", "def f(x, /, y): return x"),
        ("def f(x, y): return x", "def f(x, *, y): return x"),
        ("def f(x, y): return x", "def f(x, *y): return x"),
        ("def f(x, **y): return x", "def f(x, *y): return x"),
        ("def f(x): return x", "def f(z): return z"),
        ("def f(x): return x", "async def f(x): return x"),
        ("def f(x): return x", "def f(x):\n    return x\n    yield"),
    ],
)
def test_how_a_code_is_called_is_part_of_it(one: str, other: str) -> None:
    assert _code(one).shape != _code(other).shape


def test_a_code_with_more_than_256_constants_keeps_its_operands() -> None:
    """Operands beyond a byte come in two parts, which only their resolved form hides."""
    text = "def f(x):\n" + "".join(f"    x({n}.5)\n" for n in range(300)) + "    return x"
    constants = [operand for name, operand in _operands(text) if name == "LOAD_CONST"]
    assert constants == [n + 0.5 for n in range(300)]
