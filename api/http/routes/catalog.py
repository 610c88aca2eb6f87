"""What there is to compute with over HTTP: the catalog of nodes, and the picture of each dataflow."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Response, Router, get
from litestar.params import PathParameter

from api.http.conditions import etag, is_unchanged
from api.http.parts import ServiceHere
from api.http.routes.account import IfNoneMatch
from api.http.schemas.catalog import (
    CatalogEntry,
    CatalogPage,
    DataflowPicture,
    DataflowsPage,
    catalog_entry,
    catalog_line,
    dataflow_line,
    dataflow_picture,
)
from api.use_cases.dataflow_catalog import (
    CompiledDataflow,
    dataflow_named,
    dataflows_in_force,
    installed_nodes,
    node_named,
    usages,
)
from api.use_cases.service import Service
from dataflows.engine.catalog import STAGES
from nodes.vocabulary.canonical import digest_text

SCOPE = "plan:read"
_OPTIONS: dict[str, Any] = {"tags": ["dataflows"], "sync_to_thread": True}
_NAME = r"^[A-Za-z][A-Za-z0-9_\-]{0,99}$"
NodeName = Annotated[str, PathParameter(description="A node, e.g. participation_frac.", pattern=_NAME)]
DataflowName = Annotated[str, PathParameter(description="A dataflow, e.g. us-equities-order.", pattern=_NAME)]


@get(
    "/internal/catalog",
    opt={"scope": SCOPE},
    operation_id="list_catalog",
    summary="Every node that can be computed",
    **_OPTIONS,
)
def list_catalog(service: ServiceHere) -> CatalogPage:
    """The nodes that installed packages offer, with the dataflows that use them."""
    nodes, found = installed_nodes(), _dataflows(service)
    used = usages(nodes, (each.plan for each in found.values()))
    lines = [catalog_line(node, used[name]) for name, node in nodes.items()]
    stages = tuple(each for each in STAGES if any(line.stage == each for line in lines))
    return CatalogPage(stages, tuple(sorted(lines, key=lambda line: (stages.index(line.stage), line.name))))


@get(
    "/internal/catalog/{node:str}",
    opt={"scope": SCOPE, "problems": ("not-found",)},
    operation_id="get_catalog_node",
    summary="One node in full",
    **_OPTIONS,
)
def catalog_node(service: ServiceHere, node: NodeName) -> CatalogEntry:
    """Its formula, unit, what absence does to it, its source and contract, and who uses it."""
    nodes = installed_nodes()
    found = node_named(nodes, node)
    used = usages(nodes, (each.plan for each in _dataflows(service).values()))
    return catalog_entry(found, used[node])


@get(
    "/internal/dataflows",
    opt={"scope": SCOPE},
    operation_id="list_dataflows",
    summary="Every dataflow",
    **_OPTIONS,
)
def list_dataflows(service: ServiceHere) -> DataflowsPage:
    """The dataflows under the policies that govern them now."""
    return DataflowsPage(tuple(dataflow_line(each) for each in _dataflows(service).values()))


@get(
    "/internal/dataflows/{dataflow:str}",
    opt={"scope": SCOPE, "problems": ("not-found",)},
    operation_id="get_dataflow",
    summary="How a dataflow joins its nodes",
    **_OPTIONS,
)
def dataflow_graph(
    service: ServiceHere, dataflow: DataflowName, if_none_match: IfNoneMatch = None
) -> Response[DataflowPicture]:
    """Its nodes with stage, unit and formula, and which reads which. The ETag is the digest of its plan."""
    found = dataflow_named(_dataflows(service), dataflow)
    tag = etag(digest_text(found.plan.digest))
    if is_unchanged(if_none_match, tag):
        return Response(None, status_code=304, headers={"etag": tag})  # type: ignore[arg-type]  # it has no content
    return Response(dataflow_picture(found), headers={"etag": tag})


def _dataflows(service: Service) -> dict[str, CompiledDataflow]:
    with service.store.reader() as reader:
        return dict(dataflows_in_force(service.generations.current.generation, reader))


ROUTER = Router("/", route_handlers=[list_catalog, catalog_node, list_dataflows, dataflow_graph])
