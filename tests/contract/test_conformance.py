"""Every operation keeps its contract, whatever it is sent: schemathesis makes requests from the document and judges.

What it looks for in each answer: no fault of the server; a status, a content type and a schema that the document has
for it; data that the document allows are not called a bad request, and data that it does not are refused; a header
that must be there is asked for; methods that there are not get 405; nothing is told without a token.

The requests are the same in every run: first those that the document's examples and bounds give, then some that are
drawn, from a seed. Streams never end, so they are not asked here but in `tests/contract/test_streams.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import CheckFunction, load_all_checks
from schemathesis.core.result import Ok
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.specs.openapi.checks import negative_data_rejection

from api.http.app import ROUTERS
from api.http.openapi import document
from nodes.vocabulary.instants import instant_text
from tests.api.server_process import Running

pytestmark = pytest.mark.slow
N_DRAWN = 4
WAIT_S = 60.0  # an answer that only the machine makes slow keeps the contract
_REFUSED = ["400", "401", "403", "404", "405", "409", "412", "415", "422", "428"]
_CONFIG = schemathesis.Config.from_dict(
    {
        "seed": 9457,
        "generation": {"deterministic": True, "max-examples": N_DRAWN},
        "checks": {
            # What can be read may still be refused for what it asks (422) or for the state that it names (412).
            "positive_data_acceptance": {"expected-statuses": ["2xx", "304", "403", "404", "409", "412", "422"]},
            "negative_data_rejection": {"expected-statuses": _REFUSED},
            "missing_required_header": {"expected-statuses": ["400", "428"]},
        },
    }
)
# The document's date-times are instants in UTC, as its description says.
_INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
schemathesis.openapi.format("date-time", _INSTANTS.map(instant_text))
CONTRACT = schemathesis.openapi.from_dict(document(ROUTERS), config=_CONFIG).exclude(path_regex="/events$")
load_all_checks()


def _operations() -> Iterator[schemathesis.APIOperation[Any, Any, Any, Any]]:
    """Every operation. Raises InvalidSchema for one that the document does not describe as it must."""
    for found in CONTRACT.get_all_operations():
        if not isinstance(found, Ok):
            raise found.err()
        yield found.ok()


OPERATIONS = {each.label: each for each in _operations()}


@pytest.fixture(scope="module")
def line(server: Running) -> Iterator[requests.Session]:
    with requests.Session() as found:
        # A line kept open may be closed by the server, idle, in the moment of a request.
        found.headers.update({"Authorization": f"Bearer {server.token}", "Connection": "close"})
        yield found


# A thread of another fixture may draw from `random` while a request is made, of which hypothesis suspects the request.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning")
@pytest.mark.parametrize("label", OPERATIONS)
def test_operation_keeps_its_contract(label: str, server: Running, line: requests.Session) -> None:
    """TEST-03, SCOPE-04. Its requests are made here: made as the tests are collected, each worker would make all."""
    judged = build_operation_test(
        config=CONTRACT.config,
        operation=OPERATIONS[label],
        test_func=_judged,
        given_kwargs={},
        feedback=FeedbackSources(),
    )
    judged(server=server, line=line)


@settings(max_examples=N_DRAWN, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def _judged(case: schemathesis.Case[Any], server: Running, line: requests.Session) -> None:
    headers = {"Authorization": f"Bearer {server.token}"}
    excluded: list[CheckFunction] = [negative_data_rejection] if _says_null(case.query) else []
    case.call_and_validate(base_url=server.url, session=line, headers=headers, excluded_checks=excluded, timeout=WAIT_S)


def _says_null(query: Mapping[str, Any] | None) -> bool:
    """Whether a parameter is the word null: for one that is no text, Litestar reads it as nothing given."""
    values = (query or {}).values()
    return any("null" in (each if isinstance(each, list) else [str(each)]) or each is None for each in values)
