"""The OpenAPI 3.1 document: what Litestar knows of the routes, and what only we know.

From a route's options come its scope (`scope`), the struct of its body (`body`; `forms` for bodies that are no JSON, by
media type), forms of its answer beside JSON (`forms_of_answer`), headers that it reads by itself (`headers`),
parameters that it refuses to do without, though in its own words (`required`), statuses that it answers with beside 200
(`also`), where its answer leads (`links`: parameters by operation), and the problems that it tells beside those that
every route may (`problems`). Examples were recorded from a running server, see `api/http/examples.json`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import msgspec
from litestar import Litestar, Router
from litestar.openapi import OpenAPIConfig
from litestar.routes import HTTPRoute

from api.http.access import PUBLIC
from api.http.domains import Domain, domain_of
from api.http.parts import dependencies
from api.http.problem_kinds import KINDS
from api.http.problems import MEDIA_TYPE, ProblemView
from api.http.tokens import SCOPES

_SCHEMAS = "#/components/schemas/"
_EVERY = ("bad-request", "internal")
_GUARDED = ("unauthenticated", "forbidden", "rate-limited", "rate-limits-unavailable", "log-unavailable", "unavailable")
_NULL = {"type": "null"}
_NOT_MODIFIED = {"description": "The state is the one that If-None-Match names; there is no content."}
_DESCRIPTION = """Trading decisions that can be proved.

Errors are problem details (RFC 9457); `/problems` says what each means and how to mend it. Every answer carries a
`traceparent`; send your own to continue your trace. Instants are RFC 3339 in UTC, money and sizes decimal strings.
"""


def document(routers: Sequence[Router]) -> dict[str, Any]:
    """The document of an application with these routers."""
    config = OpenAPIConfig("Assay", version("assay-engine"), description=_DESCRIPTION, use_handler_docstrings=True)
    described = Litestar(list(routers), dependencies=dependencies(None), openapi_config=config, logging_config=None)
    found: dict[str, Any] = described.openapi_schema.to_schema()
    components = found.setdefault("components", {})
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Made with `assay token issue`. Scopes: "
            + "; ".join(f"`{name}`: {what}" for name, what in SCOPES.items()),
        }
    }
    options = dict(_options(described))
    domains: dict[str, Domain] = {}
    for path, method, operation in _operations(found):
        _complete(operation, options.get((path, method), {}))
        domain = domain_of(path)
        if domain is not None:
            domains[domain.name] = domain
            operation["tags"] = list(dict.fromkeys((*operation.get("tags", ()), domain.name)))
    found["tags"] = [_tag(domain) for _, domain in sorted(domains.items())]
    structs = [ProblemView, *(each["body"] for each in options.values() if "body" in each)]
    _, schemas = msgspec.json.schema_components(structs, ref_template=_SCHEMAS + "{name}")
    components.setdefault("schemas", {}).update(schemas)
    return found


def _tag(domain: Domain) -> dict[str, str]:
    return {"name": domain.name, "description": f"{domain.text} Alone on port {domain.port}."}


def _options(described: Litestar) -> Iterator[tuple[tuple[str, str], Mapping[str, Any]]]:
    for route in described.routes:
        if isinstance(route, HTTPRoute):
            for method, (handler, _) in route.route_handler_map.items():
                yield (route.path_format, method.lower()), handler.opt


def _operations(found: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield path, method, operation


def _complete(operation: dict[str, Any], opt: Mapping[str, Any]) -> None:
    scope = opt.get("scope", PUBLIC)
    is_public = scope == PUBLIC
    operation["security"] = [] if is_public else [{"token": [scope]}]
    operation["deprecated"] = operation.get("deprecated", False)
    example = examples().get(operation["operationId"], {})
    _add_body(operation, opt, example)
    for header in opt.get("headers", ()):
        operation.setdefault("parameters", []).append({"in": "header", "schema": {"type": "string"}, **header})
    _correct_parameters(operation, opt)
    for form in opt.get("forms_of_answer", ()):
        operation["responses"]["200"]["content"][form] = {"schema": {"type": "string", "format": "binary"}}
    for status in opt.get("also", ()):
        operation["responses"][status] = deepcopy(operation["responses"]["200"])
    _add_answers(operation, example)
    if "links" in opt:
        operation["responses"]["200"]["links"] = {
            name: {"operationId": name, "parameters": dict(parameters)} for name, parameters in opt["links"].items()
        }
    slugs = (*_EVERY, *(() if is_public else _GUARDED), *_usual(operation), *opt.get("problems", ()))
    _add_problems(operation["responses"], slugs)


def _correct_parameters(operation: dict[str, Any], opt: Mapping[str, Any]) -> None:
    """A parameter may be left out, which is no null; some may not, though the route finds that out by itself."""
    for parameter in operation.get("parameters", ()):
        parameter["schema"] = _without_null(parameter["schema"])
        parameter["required"] = parameter.get("required", False) or parameter["name"] in opt.get("required", ())
        if parameter["name"] == "If-None-Match":
            operation["responses"]["304"] = _NOT_MODIFIED


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """What a parameter may be when it is there."""
    kinds = [each for each in schema.get("oneOf", ()) if each != _NULL]
    said = {name: each for name, each in schema.items() if name != "oneOf"}
    if len(kinds) > 1:
        said["oneOf"] = kinds
    elif kinds:
        said = {**kinds[0], **said}
    if isinstance(said.get("type"), list):
        (said["type"],) = (kind for kind in said["type"] if kind != "null")
    if "enum" in said:
        said["enum"] = [each for each in said["enum"] if each is not None]
    return said


def _usual(operation: Mapping[str, Any]) -> tuple[str, ...]:
    """The problems of what a route takes: something named in its path may not be there, a body may be unfit."""
    found: tuple[str, ...] = ()
    if any(each.get("in") == "path" for each in operation.get("parameters", ())):
        found = ("not-found",)
    if "requestBody" in operation:
        found = (*found, "too-large", "unsupported-media-type")
    return found


def _add_body(operation: dict[str, Any], opt: Mapping[str, Any], example: Mapping[str, Any]) -> None:
    content: dict[str, Any] = {}
    if "body" in opt:
        content["application/json"] = {"schema": {"$ref": f"{_SCHEMAS}{opt['body'].__name__}"}}
    for media_type, schema in opt.get("forms", {}).items():
        content[media_type] = {"schema": schema}
    if not content:
        return
    for media_type, described in content.items():
        if media_type in example.get("request", {}):
            described["examples"] = {"recorded": {"value": example["request"][media_type]}}
    operation["requestBody"] = {"required": not opt.get("body_is_optional", False), "content": content}


def _add_answers(operation: dict[str, Any], example: Mapping[str, Any]) -> None:
    for status, response in operation["responses"].items():
        for form, described in response.get("content", {}).items():
            described.get("schema", {}).pop("examples", None)  # Litestar makes some up, anew for each document
            if status in example.get("answers", {}) and "json" in form:
                described["examples"] = {"recorded": {"value": example["answers"][status]}}


def _add_problems(responses: dict[str, Any], slugs: Sequence[str]) -> None:
    """Problems by status; a status that stands for several kinds names them all."""
    by_status: dict[str, list[str]] = {}
    for slug in dict.fromkeys(slugs):
        by_status.setdefault(str(KINDS[slug].status), []).append(slug)
    for status, kinds in sorted(by_status.items()):
        responses[status] = {
            "description": "; ".join(KINDS[slug].title for slug in kinds),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": f"{_SCHEMAS}{ProblemView.__name__}"},
                    "examples": {slug: {"value": _problem_example(slug)} for slug in kinds},
                }
            },
        }


def _problem_example(slug: str) -> dict[str, Any]:
    kind = KINDS[slug]
    return {
        "type": kind.type,
        "title": kind.title,
        "status": kind.status,
        "detail": kind.meaning,
        "instance": "/api/v1/actions/execute",
        "mend": kind.mend,
        "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    }


@lru_cache(maxsize=1)
def examples() -> Mapping[str, Any]:
    """Requests and answers by operation id, as a server gave them."""
    found: dict[str, Any] = msgspec.json.decode((files("api.http") / "examples.json").read_bytes())
    return found


def older(found: Any) -> Any:  # noqa: ANN401  # any part of a document
    """A document of OpenAPI 3.1 in the words of 3.0.3, for tools that know no other, the console among them."""
    if isinstance(found, list):
        return [older(each) for each in found]
    if not isinstance(found, dict):
        return found
    said = {name: older(each) for name, each in found.items()}
    if said.get("openapi", "").startswith("3.1") if isinstance(said.get("openapi"), str) else False:
        said["openapi"] = "3.0.3"
    return _older_schema(said)


def _older_schema(said: dict[str, Any]) -> dict[str, Any]:
    kinds = said.get("type")
    if isinstance(kinds, list):
        said["type"] = next((kind for kind in kinds if kind != "null"), "string")
        said["nullable"] = "null" in kinds
    for name in ("anyOf", "oneOf"):
        if isinstance(said.get(name), list):
            rest = [each for each in said[name] if each != {"type": "null"}]
            said["nullable"] = said.get("nullable", False) or len(rest) < len(said[name])
            said[name] = rest
    if "const" in said and "properties" not in said:
        said["enum"] = [said.pop("const")]
    if isinstance(said.get("examples"), list):
        said["example"] = next(iter(said.pop("examples")), None)
    return said
