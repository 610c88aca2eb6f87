"""Every Python block of the documentation runs, and prints what the output block after it shows."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest

from tests.docs.blocks import Block, blocks, documents


def _cases() -> list[Any]:
    """Pairs of a Python block and the output block right after it, "" without one."""
    cases = []
    for path in documents():
        found = blocks(path)
        for place, block in enumerate(found):
            after = found[place + 1] if place + 1 < len(found) else None
            if block.kind == "python":
                shown = after.text if after is not None and after.kind == "output" else ""
                cases.append(pytest.param(block, shown, id=f"{block.path}:{block.line}"))
    return cases


@pytest.mark.parametrize(("block", "shown"), _cases())
def test_python_block_prints_what_the_page_shows(block: Block, shown: str) -> None:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(block.text, f"{block.path}:{block.line}", "exec"), {"__name__": "documentation"})  # noqa: S102
    assert printed.getvalue().strip() == shown.strip()
