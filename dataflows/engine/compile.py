"""Compiles a policy and a strategy into a generation of two plans, or names every fault.

The steps, and the function that takes each:
 1. the catalog of installed node modules                         catalog.catalog
 2. snapshot fields, policy values and gathered features as nodes  graph.snapshot_nodes, value_nodes, signal_nodes
 3. rules as nodes: parsed, typed, compiled to Python              draft.Draft
 4. what the outputs, rules, caps and texts need                   graph.needed
 5. units along every edge, no label in a decision                 graph.edge_faults, label_laws
 6. an order without cycles                                        graph.ordered
 7. claims that nothing can move, values that nothing reads        constancy, draft.unused_faults
 8. the frozen plan with its manifest and sources                  plan.Plan
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from dataflows.engine.catalog import (
    STRATEGY_GROUP,
    CatalogNode,
    NodeModule,
    catalog,
    installed_entries,
    installed_modules,
)
from dataflows.engine.dataflow import Dataflow, Strategy
from dataflows.engine.draft import Draft, unused_faults
from dataflows.engine.graph import Complaints, near
from dataflows.engine.label_laws import strategy_label_faults
from dataflows.engine.plan import Plan, PlanNode
from nodes.vocabulary.errors import Fault, PlanError, PolicyError
from nodes.vocabulary.units import Unit
from policies.parse import ParsedPolicy, policy_digest
from policies.schema import Policy


@dataclass(frozen=True)
class Generation:
    """A policy and the plans compiled from it: what a run is pinned to.

    Attributes:
        policy: the parsed policy.
        policy_digest: its identity.
        session: the plan of session runs.
        order: the plan of order runs.
    """

    policy: Policy
    policy_digest: bytes
    session: Plan
    order: Plan


@dataclass(frozen=True)
class Offered:
    """The names that a policy can use.

    Attributes:
        session: nodes of session runs.
        order: nodes of order runs.
        wanted: what some installed node reads and nothing provides: parameters that a policy may give.
    """

    session: Mapping[str, PlanNode]
    order: Mapping[str, PlanNode]
    wanted: Mapping[str, Unit]


@cache
def installed_strategy(name: str) -> Strategy:
    """The strategy that an installed entry point provides. Raises PlanError when none does.

    Kept for the life of the process, as all code is that it loaded.
    """
    entries = installed_entries(STRATEGY_GROUP)
    if name not in entries:
        known = ", ".join(sorted(entries)) or "none"
        raise PlanError(
            f"strategy {name!r} is not installed, only {known}; {near(name, entries, 'install its package')}"
        )
    try:
        strategy = entries[name].load()
    except Exception as error:
        message = f"strategy {name} = {entries[name].value} does not load: {error!r}; mend or uninstall it"
        raise PlanError(message) from error
    if not isinstance(strategy, Strategy):
        raise PlanError(f"entry point {name} = {entries[name].value} is {strategy!r}, expected a Strategy; correct it")
    return strategy


def compiled_strategy(
    parsed: ParsedPolicy, strategy: Strategy, modules: Iterable[NodeModule] | None = None
) -> Generation:
    """The generation of a policy. Raises PolicyError or PlanError with every fault found.

    Args:
        parsed: the policy and the marks of its values in its text.
        strategy: the dataflows that it governs.
        modules: node modules to use in place of the installed ones of the dataflows' stages.
    """
    complaints = Complaints()
    session, order = _drafts(parsed, strategy, modules, complaints)
    _raise(parsed, complaints)
    identity = policy_digest(parsed.policy)
    return Generation(parsed.policy, identity, session.plan(identity), order.plan(identity))


def compiled_dataflow(parsed: ParsedPolicy, dataflow: Dataflow, modules: Iterable[NodeModule] | None = None) -> Plan:
    """The plan of one dataflow alone. Raises PolicyError or PlanError with every fault found.

    Args:
        parsed: the policy that gives its parameters.
        dataflow: what to compile.
        modules: node modules to use in place of the installed ones of its stages.
    """
    complaints = Complaints()
    draft = Draft(parsed, dataflow, _catalogs((dataflow,), modules)[0], complaints)
    unused_faults(parsed, (draft,), complaints)
    _raise(parsed, complaints)
    return draft.plan(policy_digest(parsed.policy))


def meaning_faults(
    parsed: ParsedPolicy, strategy: Strategy, modules: Iterable[NodeModule] | None = None
) -> tuple[Fault, ...]:
    """What is wrong with the meaning of a policy, of which parts may be missing because their form has faults."""
    complaints = Complaints()
    try:
        _drafts(parsed, strategy, modules, complaints)
    except PlanError as error:
        complaints.code.extend(error.complaints)
    return (*_placed(parsed, complaints), *_of_code(parsed, complaints))


def offered_nodes(parsed: ParsedPolicy, strategy: Strategy) -> Offered:
    """Every name that a policy can use, those that no rule reads yet too.

    Faults of the policy are not told; what they touch is left out.
    """
    drafts = _drafts(parsed, strategy, None, Complaints())
    provided = drafts[0].nodes.keys() | drafts[1].nodes.keys()
    arguments = (item for draft in drafts for units in draft.units.values() for item in units.items())
    wanted = {name: unit for name, unit in arguments if name not in provided}
    return Offered(drafts[0].nodes, drafts[1].nodes, wanted)


def _drafts(
    parsed: ParsedPolicy, strategy: Strategy, modules: Iterable[NodeModule] | None, complaints: Complaints
) -> tuple[Draft, Draft]:
    """Both dataflows joined with the policy, everything wrong with either complained of."""
    if parsed.policy.strategy != strategy.name:
        complain = complaints.of_policy("strategy")
        complain(f"the policy is for {parsed.policy.strategy}, compiled is {strategy.name}", "name that strategy")
    strategy_label_faults(strategy, complaints)
    found = _catalogs((strategy.session, strategy.order), modules)
    session = Draft(parsed, strategy.session, found[0], complaints)
    order = Draft(parsed, strategy.order, found[1], complaints)
    unused_faults(parsed, (session, order), complaints)
    return session, order


def _catalogs(dataflows: Iterable[Dataflow], modules: Iterable[NodeModule] | None) -> list[Mapping[str, CatalogNode]]:
    """The catalog of each dataflow. Raises PlanError with the complaints about all of them."""
    given = None if modules is None else tuple(modules)
    found: list[Mapping[str, CatalogNode]] = []
    complaints: list[str] = []
    for dataflow in dataflows:
        try:
            found.append(_catalog(dataflow, given))
        except PlanError as error:
            complaints.extend(error.complaints)
    if complaints:
        raise PlanError(*dict.fromkeys(complaints))
    return found


def _catalog(dataflow: Dataflow, modules: tuple[NodeModule, ...] | None) -> Mapping[str, CatalogNode]:
    if modules is None:
        return _installed_catalog(dataflow.stages)
    return catalog(entry for entry in modules if entry.stage in dataflow.stages)


@cache
def _installed_catalog(stages: tuple[str, ...]) -> Mapping[str, CatalogNode]:
    """Kept for the life of the process: the code that a process runs is the code that it loaded first."""
    return catalog(installed_modules(stages))


def _raise(parsed: ParsedPolicy, complaints: Complaints) -> None:
    """Raises what was found: policy faults at their lines, else complaints about code."""
    faults = _placed(parsed, complaints)
    if faults:
        raise PolicyError([*faults, *_of_code(parsed, complaints)])
    if complaints.code:
        raise PlanError(*dict.fromkeys(complaints.code))


def _placed(parsed: ParsedPolicy, complaints: Complaints) -> tuple[Fault, ...]:
    return tuple(
        Fault(parsed.file, *parsed.mark(path, offset), what, mend)
        for path, offset, what, mend in dict.fromkeys(complaints.policy)
    )


def _of_code(parsed: ParsedPolicy, complaints: Complaints) -> tuple[Fault, ...]:
    return tuple(Fault(parsed.file, 0, 0, *_split(complaint)) for complaint in dict.fromkeys(complaints.code))


def _split(complaint: str) -> tuple[str, str]:
    what, _, mend = complaint.rpartition("; ")
    return what, mend
