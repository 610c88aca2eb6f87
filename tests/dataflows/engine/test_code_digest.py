"""The code digest changes when behaviour can change, and only then; and it is the same in every process.

Each case is a small module in two texts. The node is its function `node`; the package is our own ("planted").
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from types import ModuleType
from typing import Any

import pytest

from dataflows.engine.code_digest import code_digest
from dataflows.engine.graph import FIRST_PARTY
from nodes.vocabulary.errors import PlanError
from tests.dataflows.engine import shipped

OURS = frozenset({"planted"})


def _module(text: str, name: str = "planted") -> ModuleType:
    module = ModuleType(name)
    sys.modules[name] = module  # dataclasses and enums look their module up
    exec(compile(dedent(text), f"{name}.py", "exec"), module.__dict__)  # noqa: S102  # a text of this file
    return module


def _digest(text: str) -> bytes:
    return code_digest(_module(text).node, OURS)


CHANGES: Mapping[str, tuple[str, str]] = {
    "default of a structure": (
        "import msgspec\nclass P(msgspec.Struct):\n    a: float = 1.0\ndef node(): return P()",
        "import msgspec\nclass P(msgspec.Struct):\n    a: float = 2.0\ndef node(): return P()",
    ),
    "metaclass": (
        "class M(type):\n    def __call__(c): return 1\nclass P(metaclass=M): pass\ndef node(): return P()",
        "class M(type):\n    def __call__(c): return 2\nclass P(metaclass=M): pass\ndef node(): return P()",
    ),
    "infinite amount": (
        "from decimal import Decimal\nD = Decimal('Infinity')\ndef node(): return D",
        "from decimal import Decimal\nD = Decimal('-Infinity')\ndef node(): return D",
    ),
    "vectorised function": (
        "import numpy as np\nV = np.vectorize(lambda x: x + 1)\ndef node(x): return V(x)",
        "import numpy as np\nV = np.vectorize(lambda x: x + 2)\ndef node(x): return V(x)",
    ),
    "state of a wrapper": (
        """
        import functools
        class Scaled:
            def __init__(self, inner, k):
                functools.update_wrapper(self, inner)
                self.k = k
            def __call__(self, x): return self.__wrapped__(x) * self.k
        def inner(x): return x
        scaled = Scaled(inner, 1)
        def node(x): return scaled(x)
        """,
        """
        import functools
        class Scaled:
            def __init__(self, inner, k):
                functools.update_wrapper(self, inner)
                self.k = k
            def __call__(self, x): return self.__wrapped__(x) * self.k
        def inner(x): return x
        scaled = Scaled(inner, 2)
        def node(x): return scaled(x)
        """,
    ),
    "operator": ("def node(x): return x + 1", "def node(x): return x - 1"),
    "comparison": ("def node(x): return x < 1", "def node(x): return x <= 1"),
    "order of operands": ("def node(x, y): return x - y", "def node(x, y): return y - x"),
    "integer to float": ("def node(x): return x + 1", "def node(x): return x + 1.0"),
    "integer to true": ("def node(x): return x + 1", "def node(x): return x + True"),
    "zero to minus zero": ("def node(x): return x + 0.0", "def node(x): return x + -0.0"),
    "text to bytes": ("def node(x): return x + 'a'", "def node(x): return x + b'a'"),
    "member of a constant set": ("def node(x): return x in {1, 2}", "def node(x): return x in {1, 3}"),
    "type of a constant set's member": ("def node(x): return x in {1, 2}", "def node(x): return x in {1, 2.0}"),
    "item of a constant tuple": ("def node(x): return x in (1, 2)", "def node(x): return x in (1, True)"),
    "default": ("def node(x=1): return x", "def node(x=2): return x"),
    "type of a default": ("def node(x=1): return x", "def node(x=1.0): return x"),
    "keyword default": ("def node(*, x=1): return x", "def node(*, x=2): return x"),
    "name of an argument": ("def node(x): return x", "def node(y): return y"),
    "attribute": ("def node(x): return x.high", "def node(x): return x.low"),
    "built-in": ("def node(x): return min(x)", "def node(x): return max(x)"),
    "built-in shadowed": ("def node(x): return min(x)", "def node(x): return min(x)\ndef min(x): return 0"),
    "keyword of a call": ("def node(x): return x(a=1)", "def node(x): return x(b=1)"),
    "global constant": ("LIMIT = 1\ndef node(x): return x + LIMIT", "LIMIT = 2\ndef node(x): return x + LIMIT"),
    "type of a global": ("LIMIT = 1\ndef node(x): return x + LIMIT", "LIMIT = 1.0\ndef node(x): return x + LIMIT"),
    "global that is missing": ("LIMIT = 1\ndef node(x): return x + LIMIT", "def node(x): return x + LIMIT"),
    "value in a table": ("T = {'a': 1}\ndef node(x): return T[x]", "T = {'a': 2}\ndef node(x): return T[x]"),
    "order of a table": (
        "T = {'a': 1, 'b': 2}\ndef node(x): return list(T)",
        "T = {'b': 2, 'a': 1}\ndef node(x): return list(T)",
    ),
    "item of a list": ("T = [1, 2]\ndef node(x): return T[x]", "T = [1, 3]\ndef node(x): return T[x]"),
    "item of an array": (
        "import numpy as np\nT = np.array([1.0])\ndef node(x): return T[x]",
        "import numpy as np\nT = np.array([2.0])\ndef node(x): return T[x]",
    ),
    "numpy number": (
        "import numpy as np\nT = np.int64(1)\ndef node(x): return T + x",
        "import numpy as np\nT = np.int32(1)\ndef node(x): return T + x",
    ),
    "item of a series": (
        "import polars as pl\nT = pl.Series([1])\ndef node(x): return T[x]",
        "import polars as pl\nT = pl.Series([2])\ndef node(x): return T[x]",
    ),
    "polars expression": (
        "import polars as pl\nE = pl.col('a') + 1\ndef node(x): return x.select(E)",
        "import polars as pl\nE = pl.col('a') + 2\ndef node(x): return x.select(E)",
    ),
    "date": (
        "from datetime import date\nON = date(2005, 1, 3)\ndef node(x): return x > ON",
        "from datetime import date\nON = date(2005, 1, 4)\ndef node(x): return x > ON",
    ),
    "pattern": (
        "import re\nP = re.compile('a')\ndef node(x): return P.match(x)",
        "import re\nP = re.compile('b')\ndef node(x): return P.match(x)",
    ),
    "packed layout": (
        "import struct\nS = struct.Struct('>q')\ndef node(x): return S.pack(x)",
        "import struct\nS = struct.Struct('<q')\ndef node(x): return S.pack(x)",
    ),
    "name asked of an object that answers to every name": (
        "from polars import col\ndef node(x): return x.select(col.a)",
        "from polars import col\ndef node(x): return x.select(col.b)",
    ),
    "range": ("R = range(3)\ndef node(x): return R[x]", "R = range(4)\ndef node(x): return R[x]"),
    "value of an enum": (
        "from enum import Enum\nclass C(Enum):\n    A = 1\ndef node(x): return x * C.A.value",
        "from enum import Enum\nclass C(Enum):\n    A = 2\ndef node(x): return x * C.A.value",
    ),
    "value of an enum's member in a global": (
        "from enum import IntEnum\nclass C(IntEnum):\n    A = 1\nA = C.A\ndef node(x): return x * A",
        "from enum import IntEnum\nclass C(IntEnum):\n    A = 2\nA = C.A\ndef node(x): return x * A",
    ),
    "helper": (
        "def _f(x): return x + 1\ndef node(x): return _f(x)",
        "def _f(x): return x + 2\ndef node(x): return _f(x)",
    ),
    "helper's helper": (
        "def _g(x): return x + 1\ndef _f(x): return _g(x)\ndef node(x): return _f(x)",
        "def _g(x): return x + 2\ndef _f(x): return _g(x)\ndef node(x): return _f(x)",
    ),
    "helper of a helper that calls back": (
        "def _f(x): return node(x - 1) + 1\ndef node(x): return _f(x) if x else 0",
        "def _f(x): return node(x - 1) + 2\ndef node(x): return _f(x) if x else 0",
    ),
    "helper in a table": (
        "def _f(x): return 1\nT = {'a': _f}\ndef node(x): return T['a'](x)",
        "def _f(x): return 2\nT = {'a': _f}\ndef node(x): return T['a'](x)",
    ),
    "inner function": (
        "def node(x):\n    def inner(y): return y + 1\n    return inner(x)",
        "def node(x):\n    def inner(y): return y + 2\n    return inner(x)",
    ),
    "comprehension": ("def node(x): return [i + 1 for i in x]", "def node(x): return [i + 2 for i in x]"),
    "global of a comprehension": (
        "L = 1\ndef node(x): return [i + L for i in x]",
        "L = 2\ndef node(x): return [i + L for i in x]",
    ),
    "handled exception": (
        "def node(x):\n    try: return 1 / x\n    except ValueError: return 0",
        "def node(x):\n    try: return 1 / x\n    except ZeroDivisionError: return 0",
    ),
    "what is in the try": (
        "def node(x):\n    try:\n        y = x()\n        z = x()\n    except ValueError: return 0",
        "def node(x):\n    try:\n        y = x()\n    except ValueError: return 0\n    z = x()",
    ),
    "generator": ("def node(x):\n    return (i for i in x)", "def node(x):\n    yield from x"),
    "closure": (
        "def _make(n):\n    def made(x): return x + n\n    return made\nnode = _make(1)",
        "def _make(n):\n    def made(x): return x + n\n    return made\nnode = _make(2)",
    ),
    "partial": (
        "from functools import partial\ndef _f(n, x): return n + x\n_g = partial(_f, 1)\ndef node(x): return _g(x)",
        "from functools import partial\ndef _f(n, x): return n + x\n_g = partial(_f, 2)\ndef node(x): return _g(x)",
    ),
    "cached helper": (
        "from functools import cache\n@cache\ndef _f(x): return x + 1\ndef node(x): return _f(x)",
        "from functools import cache\n@cache\ndef _f(x): return x + 2\ndef node(x): return _f(x)",
    ),
    "decorator around the same helper": (
        """
        from functools import wraps
        def _twice(f):
            @wraps(f)
            def wrapper(x): return f(x) * 2
            return wrapper
        @_twice
        def node(x): return x
        """,
        """
        from functools import wraps
        def _twice(f):
            @wraps(f)
            def wrapper(x): return f(x) * 3
            return wrapper
        @_twice
        def node(x): return x
        """,
    ),
    "value given by a Hamilton decorator": (
        """
        from hamilton.function_modifiers import parameterize, value
        @parameterize(a={"n": value(1)})
        def node(x: int, n: int) -> int: return x + n
        """,
        """
        from hamilton.function_modifiers import parameterize, value
        @parameterize(a={"n": value(2)})
        def node(x: int, n: int) -> int: return x + n
        """,
    ),
    "method": (
        "class C:\n    def m(self, x): return x + 1\ndef node(x): return C().m(x)",
        "class C:\n    def m(self, x): return x + 2\ndef node(x): return C().m(x)",
    ),
    "method of a base": (
        "class B:\n    def m(self, x): return x + 1\nclass C(B): pass\ndef node(x): return C().m(x)",
        "class B:\n    def m(self, x): return x + 2\nclass C(B): pass\ndef node(x): return C().m(x)",
    ),
    "static method": (
        "class C:\n    @staticmethod\n    def m(x): return x + 1\ndef node(x): return C.m(x)",
        "class C:\n    @staticmethod\n    def m(x): return x + 2\ndef node(x): return C.m(x)",
    ),
    "property": (
        "class C:\n    @property\n    def p(self): return 1\ndef node(x): return C().p",
        "class C:\n    @property\n    def p(self): return 2\ndef node(x): return C().p",
    ),
    "attribute of a class": (
        "class C:\n    n = 1\ndef node(x): return C.n",
        "class C:\n    n = 2\ndef node(x): return C.n",
    ),
    "default of a dataclass": (
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    n: int = 1\ndef node(x): return C().n",
        "from dataclasses import dataclass\n@dataclass\nclass C:\n    n: int = 2\ndef node(x): return C().n",
    ),
    "order of a dataclass's fields": (
        "from dataclasses import dataclass as d\n@d\nclass C:\n    a: int\n    b: int\ndef node(x): return C(x, 1).a",
        "from dataclasses import dataclass as d\n@d\nclass C:\n    b: int\n    a: int\ndef node(x): return C(x, 1).a",
    ),
    "state of an instance": (
        "class C:\n    def __init__(self, n): self.n = n\nc = C(1)\ndef node(x): return x + c.n",
        "class C:\n    def __init__(self, n): self.n = n\nc = C(2)\ndef node(x): return x + c.n",
    ),
    "state of a frozen instance with slots": (
        """
        from dataclasses import dataclass
        @dataclass(frozen=True, slots=True)
        class C:
            n: int
        c = C(1)
        def node(x): return x + c.n
        """,
        """
        from dataclasses import dataclass
        @dataclass(frozen=True, slots=True)
        class C:
            n: int
        c = C(2)
        def node(x): return x + c.n
        """,
    ),
    "what a bound method is bound to": (
        """
        class C:
            def __init__(self, n): self.n = n
            def m(self): return self.n
        m = C(1).m
        def node(x): return m()
        """,
        """
        class C:
            def __init__(self, n): self.n = n
            def m(self): return self.n
        m = C(2).m
        def node(x): return m()
        """,
    ),
    "text that a built-in method is bound to": (
        "join = ','.join\ndef node(x): return join(x)",
        "join = ';'.join\ndef node(x): return join(x)",
    ),
    "named tuple": (
        "from typing import NamedTuple\nclass P(NamedTuple):\n    n: int\np = P(1)\ndef node(x): return p.n",
        "from typing import NamedTuple\nclass P(NamedTuple):\n    n: int\np = P(2)\ndef node(x): return p.n",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_digest_changes_when_behaviour_can(name: str) -> None:
    before, after = CHANGES[name]
    assert _digest(before) != _digest(after)


SAME: Mapping[str, tuple[str, str]] = {
    "comment": ("def node(x): return x + 1", "# why\ndef node(x):\n    # because\n    return x + 1  # so"),
    "docstring": ('def node(x):\n    "One."\n    return x', 'def node(x):\n    "Two."\n    return x'),
    "docstring added": ("def node(x):\n    return x", 'def node(x):\n    "One."\n    return x'),
    "docstring added beside none": (
        "def node(x):\n    if x: return 1.5\n    return None",
        'def node(x):\n    "One."\n    if x: return 1.5\n    return None',
    ),
    "docstring of a helper": (
        'def _f(x):\n    "One."\n    return x\ndef node(x): return _f(x)',
        "def _f(x):\n    return x\ndef node(x): return _f(x)",
    ),
    "docstring of an inner function": (
        'def node(x):\n    def inner():\n        "One."\n        return x\n    return inner()',
        "def node(x):\n    def inner():\n        return x\n    return inner()",
    ),
    "docstring of a class": (
        'class C:\n    "One."\n    n = 1\ndef node(x): return C.n',
        "class C:\n    n = 1\ndef node(x): return C.n",
    ),
    "moved down": ("def node(x): return x + 1", "\n\n\nUNUSED = 1\n\ndef node(x): return x + 1"),
    "moved past its helper": (
        "def _f(x): return x\ndef node(x): return _f(x)",
        "def node(x): return _f(x)\n\n\ndef _f(x): return x",
    ),
    "other layout": (
        "def node(x, y):\n    return x + y * (x - y) if x else y",
        "def node(\n    x,\n    y,\n):\n    return (\n        x\n        + y * (x - y)\n        if x\n        else y)",
    ),
    "a line to itself": (
        "def node(x):\n    if x: pass\n    return x",
        "def node(x):\n    if x:\n        pass\n\n    return x",
    ),
    "annotation": ("def node(x): return x", "def node(x: int) -> int: return x"),
    "name of a local": ("def node(x):\n    y = x + 1\n    return y", "def node(x):\n    z = x + 1\n    return z"),
    "global that it does not read": ("LIMIT = 1\ndef node(x): return x", "LIMIT = 2\ndef node(x): return x"),
    "global named as an attribute": (
        "def high(x): return 1\ndef node(x): return x.high",
        "def high(x): return 2\ndef node(x): return x.high",
    ),
    "order of a set": ("S = {1, 2, 3}\ndef node(x): return x in S", "S = {3, 2, 1}\ndef node(x): return x in S"),
    "order of a set of dates": (
        "from datetime import date\nS = {date(2005, 1, 3), date(2006, 1, 3)}\ndef node(x): return x in S",
        "from datetime import date\nS = {date(2006, 1, 3), date(2005, 1, 3)}\ndef node(x): return x in S",
    ),
    "one constant shared or made twice": (
        "A = (1, 2)\nB = A\ndef node(x): return A + B",
        "A = (1, 2)\nB = tuple([1, 2])\ndef node(x): return A + B",
    ),
    "tag": (
        "from hamilton.function_modifiers import tag\n@tag(owner='risk')\ndef node(x: int) -> int: return x",
        "from hamilton.function_modifiers import tag\n@tag(owner='desk')\ndef node(x: int) -> int: return x",
    ),
}


@pytest.mark.parametrize("name", SAME)
def test_the_digest_stays_when_behaviour_cannot_change(name: str) -> None:
    before, after = SAME[name]
    assert _digest(before) == _digest(after)


def test_the_digest_follows_a_module_of_our_own_to_what_is_taken_from_it() -> None:
    def digest_with(kernel: str) -> bytes:
        _module(kernel, "planted_kernels")
        module = _module("import planted_kernels as k\ndef node(x): return k.mean(x)")
        return code_digest(module.node, OURS | {"planted_kernels"})

    mean = "def mean(x): return x + 1"
    assert digest_with(mean) != digest_with("def mean(x): return x + 2")
    assert digest_with(mean) == digest_with(f"{mean}\ndef other(x): return 1")


def test_the_digest_follows_an_import_inside_a_function() -> None:
    def digest_with(kernel: str) -> bytes:
        _module(kernel, "planted_kernels")
        module = _module("def node(x):\n    from planted_kernels import mean\n    return mean(x)")
        return code_digest(module.node, OURS | {"planted_kernels"})

    assert digest_with("def mean(x): return x + 1") != digest_with("def mean(x): return x + 2")


@pytest.mark.parametrize(
    "reader",
    [
        "import {m}\nT = {{'m': {m}}}\ndef node(x): return T['m'].mean(x)",
        "import {m}\ndef node(x):\n    m = {m}\n    def inner(): return m.mean(x)\n    return inner()",
        "import {m}\ndef node(x): return getattr({m}, 'mean')(x)",
        "import {m}\ndef node(x, m={m}): return m.mean(x)",
        "import {m}\ndef take(m, x): return m.mean(x)\ndef node(x): return take({m}, x)",
    ],
)
def test_a_module_of_our_own_that_is_handed_on_counts_whole(reader: str) -> None:
    """What takes from it, and what it takes, can no longer be told from the code that names it."""
    digests = set()
    for result in ("1", "2"):
        _module(f"def mean(x): return {result}", "planted_kernel")
        node = _module(reader.format(m="planted_kernel")).node
        digests.add(code_digest(node, OURS | {"planted_kernel"}))
    assert len(digests) == 2


def test_the_digest_follows_a_relative_import_inside_a_function(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "planted_here"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "node.py").write_text("def node(x):\n    from . import kernel\n    return kernel.mean(x)\n")
    (package / "kernel.py").write_text("def mean(x): return 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    node, ours = import_module("planted_here.node").node, frozenset({"planted_here"})
    before = code_digest(node, ours)
    monkeypatch.setattr(import_module("planted_here.kernel"), "mean", lambda x: 2 * x)
    assert code_digest(node, ours) != before


def test_a_library_counts_by_its_version_and_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "import numpy as np\ndef node(x): return np.mean(x)"
    before = _digest(text)
    monkeypatch.setattr("dataflows.engine.code_digest._version", lambda _module: "numpy==9.9.9")
    assert _digest(text) != before


def test_an_object_that_cannot_be_told_is_refused() -> None:
    text = "from threading import Lock\nLOCK = Lock()\ndef node(x):\n    with LOCK: return x"
    with pytest.raises(
        PlanError, match=r"code reads <unlocked .* of type lock, whose state cannot be digested .*; read"
    ):
        _digest(text)


def test_a_long_chain_of_helpers_is_no_limit() -> None:
    chain = "\n".join(f"def _f{n}(x): return _f{n + 1}(x)" for n in range(300))
    assert len(_digest(f"{chain}\ndef _f300(x): return x\ndef node(x): return _f0(x)")) == 32


CHILD = """
from tests.dataflows.engine.test_code_digest import CHANGES, SAME, _digest
from tests.dataflows.engine import shipped
import hashlib
texts = [text for pair in (*CHANGES.values(), *SAME.values()) for text in pair]
plans = shipped.generation()
print(hashlib.sha256(b"".join(map(_digest, texts)) + plans.session.digest + plans.order.digest).hexdigest())
"""


@pytest.mark.slow
def test_digests_are_the_same_in_every_process(tmp_path: Path) -> None:
    """Under other hash seeds, and whether modules were compiled now or read from a cache."""
    settings: list[dict[str, str]] = [{"PYTHONHASHSEED": seed} for seed in ("0", "1", "4242")]
    settings.append({"PYTHONHASHSEED": "0", "PYTHONPYCACHEPREFIX": str(tmp_path)})
    command = [sys.executable, "-c", CHILD]
    children = [
        subprocess.Popen(command, env={**os.environ, **setting}, stdout=subprocess.PIPE, text=True)  # noqa: S603
        for setting in settings
    ]
    assert len({child.communicate()[0] for child in children}) == 1
    assert [child.returncode for child in children] == [0] * 4


def _origins() -> dict[str, Any]:
    plans = (shipped.generation().session, shipped.generation().order)
    return {node.name: node.origins[0] for plan in plans for node in plan.nodes if node.origins}


def test_every_node_of_the_catalog_has_a_digest_of_its_own() -> None:
    digests = {name: code_digest(origin, FIRST_PARTY) for name, origin in _origins().items()}
    assert len(set(digests.values())) == len(digests)


def test_a_digest_is_the_same_after_the_code_has_run() -> None:
    """The interpreter rewrites bytecode that runs often; the digest is of what was written."""
    module = _module("def node(x):\n    total = 0.0\n    for i in range(x): total += i * 1.5\n    return total")
    before = code_digest(module.node, OURS)
    module.node(10_000)
    assert code_digest(module.node, OURS) == before
