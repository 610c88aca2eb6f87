"""The one file that touches Hamilton's internals: functions to nodes, lifted nodes to a Driver.

Hamilton resolves modules, decorators and config into nodes and draws them; `tests/dataflows/engine` holds the
contract tests that say what of its internals is relied upon (apache-hamilton 1.90).
"""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any, TypeAlias

from hamilton import registry

# Left alone, Hamilton imports every plotting and learning library that it finds: seconds of start-up for nothing.
registry.disable_autoload()
registry.load_extension("polars")

from hamilton import driver, graph_utils  # noqa: E402  # after its plugins are switched off
from hamilton.function_modifiers import base as function_modifiers  # noqa: E402

from nodes.vocabulary.errors import PlanError  # noqa: E402

Driver: TypeAlias = driver.Driver
_BY_PLACE = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@dataclass(frozen=True)
class ResolvedNode:
    """One node as Hamilton resolves it, before any graph.

    Attributes:
        name: the node's name.
        returned: its return annotation.
        arguments: annotation of each dependency, in the order in which `function` takes them.
        defaults: names of arguments that have a default value.
        function: takes the dependencies by position.
        origins: the functions that a person wrote and that this node came from.
        tags: what `@tag` said.
        docstring: the docstring, or "".
        module: dotted name of the module it was found in.
    """

    name: str
    returned: Any
    arguments: Mapping[str, Any]
    defaults: tuple[str, ...]
    function: Callable[..., Any]
    origins: tuple[Callable[..., Any], ...]
    tags: Mapping[str, Any]
    docstring: str
    module: str


def resolved_nodes(module: ModuleType) -> tuple[list[ResolvedNode], list[str]]:
    """Every node of a module, and a complaint for every function that could not become one."""
    nodes: list[ResolvedNode] = []
    complaints: list[str] = []
    for name, function in graph_utils.find_functions(module):
        try:
            found = _resolved(function)
        except Exception as error:  # noqa: BLE001  # a user's decorator may raise anything
            complaints.append(f"{module.__name__}.{name} is no node: {error}; annotate every argument and the result")
            continue
        nodes.extend(_node(node, function, module) for node in found)
    return nodes, complaints


def _resolved(function: Callable[..., Any]) -> Any:  # noqa: ANN401  # Hamilton is untyped
    logger = logging.getLogger(function_modifiers.__name__)
    was_disabled, logger.disabled = logger.disabled, True
    try:
        return function_modifiers.resolve_nodes(function, {})
    finally:
        logger.disabled = was_disabled


def _node(node: Any, function: Callable[..., Any], module: ModuleType) -> ResolvedNode:  # noqa: ANN401
    arguments = {name: annotation for name, (annotation, _) in node.input_types.items()}
    return ResolvedNode(
        name=node.name,
        returned=node.type,
        arguments=arguments,
        defaults=tuple(sorted(node.default_parameter_values)),
        function=_positional(node.callable, tuple(arguments)),
        origins=(function,),
        tags={key: value for key, value in node.tags.items() if key != "module"},
        docstring=node.documentation or "",
        module=module.__name__,
    )


def _positional(function: Callable[..., Any], names: tuple[str, ...]) -> Callable[..., Any]:
    """The function itself when it takes exactly these names in this order, else one that passes them by name."""
    if inspect.isfunction(function):
        parameters = inspect.signature(function).parameters.values()
        if tuple(item.name for item in parameters) == names and all(item.kind in _BY_PLACE for item in parameters):
            return function

    def by_name(*values: Any) -> Any:  # noqa: ANN401
        return function(**dict(zip(names, values, strict=True)))

    return by_name


@dataclass(frozen=True)
class LiftedNode:
    """A node of a plan as a plain callable for Hamilton's own driver: absence in, absence out."""

    name: str
    arguments: tuple[str, ...]
    annotations: Mapping[str, Any]
    function: Callable[..., Any]
    docstring: str


def lifted_driver(name: str, nodes: tuple[LiftedNode, ...]) -> Driver:
    """Hamilton's driver over lifted nodes, to draw them and to run them beside the engine's plan."""
    module = ModuleType(f"assay_lifted_{name.replace('-', '_')}_{len(nodes)}")
    for node in nodes:
        setattr(module, node.name, _named(node, module.__name__))
    sys.modules[module.__name__] = module
    try:
        return driver.Builder().with_modules(module).build()
    except ValueError as error:
        message = f"Hamilton refuses dataflow {name}: {error}"
        raise PlanError(message) from error
    finally:
        del sys.modules[module.__name__]


def _named(node: LiftedNode, module: str) -> Callable[..., Any]:
    """A function with the node's own name and parameters, as Hamilton reads them."""
    arguments = ", ".join(node.arguments)
    source = f"def {node.name}({arguments}):\n    return _function({arguments})\n"
    scope: dict[str, Any] = {"_function": node.function}
    exec(compile(source, f"<lifted {node.name}>", "exec"), scope)  # noqa: S102  # names are checked identifiers
    function: Callable[..., Any] = scope[node.name]
    function.__module__ = module
    function.__doc__ = node.docstring
    function.__annotations__ = dict(node.annotations)
    return function


def drawing(graph: Driver) -> str:
    """Graphviz source of Hamilton's own drawing of everything in a driver."""
    return str(graph.display_all_functions().source)
