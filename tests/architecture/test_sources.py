"""House rules on the product's source that no linter of ours knows: one test a rule, every offender named."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.code import (
    PACKAGES,
    ROOT,
    Source,
    body_lines,
    functions,
    node_functions,
    product,
    tracked_files,
    written_tests,
)

MAX_MODULE_LINES = 450
MAX_FUNCTION_LINES = 40
MAX_PARAMETERS = 7
MAX_NODE_PARAMETERS = 8
MIN_TESTED_LINES = 20
EMPTY_WORDS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"})
GETTERS = re.compile(r"^_?(get|compute|calc|calculate|do)_")
LEFT_FOR_LATER = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(^|[^a-zA-Z0-9_.])/(wo" + r"rk|ro" + r"ot|fa" + r"rm)/", re.MULTILINE)


def test_every_module_opens_with_a_docstring() -> None:
    assert not [module.path for module in product() if module.text and not ast.get_docstring(module.tree)]


def test_init_files_are_empty() -> None:
    assert not [module.path for module in product() if module.path.endswith("__init__.py") and module.text]


def test_modules_are_short_enough_to_read() -> None:
    assert not [f"{module.path}: {module.lines}" for module in product() if module.lines > MAX_MODULE_LINES]


def test_functions_are_short_enough_to_read() -> None:
    found = [(module, item, body_lines(item)) for module in product() for item in functions(module.tree)]
    assert not [f"{module.path}:{item.name}: {lines}" for module, item, lines in found if lines > MAX_FUNCTION_LINES]


def test_functions_take_few_parameters() -> None:
    assert not [f"{module.path}:{item}" for module in product() for item in _greedy(module)]


def test_modules_and_functions_are_named_by_nouns() -> None:
    empty = [module.path for module in product() if EMPTY_WORDS & frozenset(re.split(r"[/_.]", module.path))]
    verbs = [f"{m.path}:{item.name}" for m in product() for item in functions(m.tree) if GETTERS.match(item.name)]
    assert not empty + verbs


def test_own_code_is_never_imported_inside_a_function() -> None:
    assert not [f"{module.path}:{line}" for module in product() for line in _lazy_imports(module)]


def test_every_module_has_a_test_file_of_its_name() -> None:
    written = {item.path for item in written_tests()}
    wanted = [_test_file(module) for module in product() if module.lines >= MIN_TESTED_LINES]
    assert not [path for path in wanted if path not in written]


def test_nothing_is_left_for_later() -> None:
    assert not [module.path for module in product() + written_tests() if LEFT_FOR_LATER.search(module.text)]


def test_pytest_raises_always_says_what_it_matches() -> None:
    assert not [f"{module.path}:{line}" for module in written_tests() for line in _bare_raises(module)]


def test_no_path_of_one_machine_is_committed() -> None:
    texts = {path: (ROOT / path).read_text(encoding="utf-8", errors="ignore") for path in tracked_files()}
    assert not [path for path, text in texts.items() if MACHINE_PATH.search(text)]


def _greedy(module: Source) -> Iterator[str]:
    """Functions that take more than a reader can hold."""
    nodes = {item.name for item in node_functions(module)} if module.path.startswith("nodes/") else set()
    for item in functions(module.tree):
        names = [each.arg for each in item.args.args + item.args.kwonlyargs if each.arg not in {"self", "cls"}]
        if len(names) > (MAX_NODE_PARAMETERS if item.name in nodes else MAX_PARAMETERS):
            yield f"{item.name} takes {len(names)}"


def _lazy_imports(module: Source) -> Iterator[int]:
    """Lines inside functions that import our own code."""
    for item in functions(module.tree):
        for inner in ast.walk(item):
            if isinstance(inner, ast.Import | ast.ImportFrom) and _imported(inner) & frozenset(PACKAGES):
                yield inner.lineno


def _imported(item: ast.Import | ast.ImportFrom) -> frozenset[str]:
    """The packages that an import names."""
    if isinstance(item, ast.ImportFrom):
        return frozenset({(item.module or "").split(".")[0]})
    return frozenset(alias.name.split(".")[0] for alias in item.names)


def _test_file(module: Source) -> str:
    """Where the tests of a module are."""
    folder, _, name = module.path.rpartition("/")
    return f"tests/{folder}/test_{name}"


def _bare_raises(module: Source) -> Iterator[int]:
    """Lines that expect an exception or a warning and take any of its kind."""
    calls = [item for item in ast.walk(module.tree) if isinstance(item, ast.Call)]
    for call in calls:
        expects = ast.unparse(call.func) in {"pytest.raises", "pytest.warns"}
        if expects and not {"match", "check"} & {keyword.arg for keyword in call.keywords}:
            yield call.lineno
