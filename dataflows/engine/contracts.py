"""Feature contracts against the graph: what a sheet says must be what the plan does, or the plan does not compile.

Checked at compilation, all faults at once: every feature of a plan has a contract, every contract a feature; sources
are those that the graph reads; lags are not shorter than their domain's; unit, dtype and window fit the node.
What is checked while a plan runs is in `dataflows.engine.guards`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from dataflows.engine.plan import NodeKind, PlanNode
from nodes.vocabulary.domains import CARRIERS, SOURCE_DOMAINS
from nodes.vocabulary.errors import PlanError, PolicyError
from policies.contracts import Contract, ContractSheet, parsed_sheet
from policies.slips import suggestion

CONTRACTED_STAGE = "features"
SUFFIX = ".contracts.yaml"
_WHOLE = frozenset({"int64"})
_DTYPES: Mapping[str, frozenset[str]] = {
    "count": frozenset({"float64", "int64", "int32", "uint32"}),
    "shares": frozenset({"float64", "int64"}),
    "days": _WHOLE,
}
_STATISTIC = frozenset({"float64"})


@cache
def module_sheet(name: str) -> ContractSheet:
    """The contracts beside a module; a sheet without any where there is no file. Raises PlanError with its faults."""
    module: ModuleType = sys.modules.get(name) or import_module(name)
    path = Path(str(module.__file__)).with_suffix(SUFFIX)
    shown = f"{name.replace('.', '/')}{SUFFIX}"
    try:
        return parsed_sheet(path.read_bytes(), shown)
    except FileNotFoundError:
        return ContractSheet(shown)
    except PolicyError as error:
        raise PlanError(*(str(fault) for fault in error.faults)) from error


def is_feature(node: PlanNode) -> bool:
    """Whether a node must have a contract: a column or a row of values that its stage calls a feature."""
    is_column = node.unit.name.endswith(("Column", "Row"))
    return node.kind is NodeKind.FUNCTION and node.stage == CONTRACTED_STAGE and is_column


def contract_complaints(
    names: Iterable[str], nodes: Mapping[str, PlanNode], sheets: Mapping[str, ContractSheet]
) -> list[str]:
    """What of a plan's features and of its sheets does not fit, as sentences with file, line, column and mend.

    Args:
        names: nodes of the plan.
        nodes: every node that is offered to it.
        sheets: sheet of each module that is asked for contracts.
    """
    complaints: list[str] = []
    features = [nodes[name] for name in sorted(names) if is_feature(nodes[name]) and nodes[name].module in sheets]
    for node in features:
        sheet = sheets[node.module]
        if node.name not in sheet.contracts:
            mend = "write its contract: sources, unit and range"
            complaints.append(str(sheet.fault(f"feature {node.name} has no contract", mend, "features")))
        else:
            complaints += _feature_complaints(node, nodes, sheet)
    return complaints


def sheet_complaints(sheet: ContractSheet, offered: Iterable[str]) -> list[str]:
    """Contracts of a sheet that are of no node of its module."""
    known = frozenset(offered)
    return [
        str(sheet.fault(f"{name} is no node of the module", suggestion(name, known), "features", name))
        for name in sorted(set(sheet.contracts) - known)
    ]


def read_domains(node: PlanNode, nodes: Mapping[str, PlanNode]) -> frozenset[str]:
    """The domains whose facts reach a node."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [node.name]
    while waiting:
        name = waiting.pop()
        if name in seen or name not in nodes:
            continue
        seen.add(name)
        if name in CARRIERS and (nodes[name].kind is NodeKind.INPUT or nodes[name].stage == "market"):
            found.add(CARRIERS[name])
        waiting.extend(nodes[name].arguments)
    return frozenset(found)


def window_terms(contract: Contract) -> tuple[str, ...]:
    """The parameters and numbers whose sum is a contract's window."""
    return tuple(contract.window.split(" + "))


def _feature_complaints(node: PlanNode, nodes: Mapping[str, PlanNode], sheet: ContractSheet) -> list[str]:
    contract = sheet.contracts[node.name]
    faults = [
        *_source_faults(node, nodes, sheet, contract),
        *_unit_faults(node, sheet, contract),
        *_window_faults(node, nodes, sheet, contract),
    ]
    return [str(fault) for fault in faults]


def _source_faults(
    node: PlanNode, nodes: Mapping[str, PlanNode], sheet: ContractSheet, contract: Contract
) -> list[object]:
    stated, read = {term.domain for term in contract.sources}, read_domains(node, nodes)
    known = frozenset(SOURCE_DOMAINS)
    where = ("features", node.name, "sources")
    faults: list[object] = [
        sheet.fault(f"{name} is no domain", suggestion(name, known), "sources", name) for name in sorted(stated - known)
    ]
    if (stated & known) != read:
        what = f"{node.name} reads {', '.join(sorted(read))}; its contract says {', '.join(sorted(stated))}"
        faults.append(sheet.fault(what, f"write sources: [{', '.join(sorted(read))}]", *where))
    for term in contract.sources:
        least_s = SOURCE_DOMAINS[term.domain].least_lag_s if term.domain in known else None
        if least_s is not None and term.lag_s < least_s:
            what = f"lag of {term.domain} was {term.lag_s} s, shorter than the domain's {least_s} s"
            faults.append(sheet.fault(what, f"write at least {least_s}s", "sources", term.domain, "lag"))
    return faults


def _unit_faults(node: PlanNode, sheet: ContractSheet, contract: Contract) -> list[object]:
    unit = unit_word(node)
    faults: list[object] = []
    if contract.unit != unit:
        what = f"{node.name} is {node.unit.name}, its contract says {contract.unit}"
        faults.append(sheet.fault(what, f"write unit: {unit}", "features", node.name, "unit"))
    allowed = _DTYPES.get(unit, _STATISTIC)
    if contract.dtype not in allowed:
        what = f"{node.name} in {unit} cannot be {contract.dtype}"
        mend = f"write dtype: {' or '.join(sorted(allowed))}"
        faults.append(sheet.fault(what, mend, "features", node.name, "dtype"))
    return faults


def unit_word(node: PlanNode) -> str:
    """The unit of a column as contracts write it: frac, usd, shares, bps, score, count, days."""
    return node.unit.name.removesuffix("Column").removesuffix("Row").lower()


def _window_faults(
    node: PlanNode, nodes: Mapping[str, PlanNode], sheet: ContractSheet, contract: Contract
) -> list[object]:
    counts = {name for name, item in nodes.items() if item.kind is NodeKind.PARAMETER and type(item.value) is int}
    return [
        sheet.fault(
            f"window of {node.name} counts {term}, which is no whole parameter that it reads",
            suggestion(term, counts & set(node.arguments)),
            *("features", node.name, "window"),
        )
        for term in window_terms(contract)
        if not term.isdigit() and (term not in node.arguments or term not in counts)
    ]
