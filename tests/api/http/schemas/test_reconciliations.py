"""Bodies of reconciliations: what is sent is bounded, and a field that nobody knows is refused."""

from __future__ import annotations

import msgspec
import pytest

from api.http.schemas.reconciliations import CorrectionsBody, MappingName, StatementBody
from policies.statements import SHIPPED


def test_every_shipped_mapping_can_be_named_over_http() -> None:
    assert MappingName.__args__ == SHIPPED  # type: ignore[attr-defined]  # a Literal's words


def test_a_statement_is_read_with_what_is_usual() -> None:
    found = msgspec.json.decode(b'{"statement": "record,date"}', type=StatementBody)
    assert (found.mapping, found.account_id, found.since, found.until) == ("statement-csv", None, None, None)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b'{"statement": ""}', StatementBody),
        (b'{"statement": "x", "since": "3 January"}', StatementBody),
        (b'{"statement": "x", "mappings": "statement-csv"}', StatementBody),
        (b'{"because": ""}', CorrectionsBody),
        (b'{"because": "x", "breaks": ["all"]}', CorrectionsBody),
    ],
)
def test_what_cannot_be_is_refused(body: bytes, kind: type[msgspec.Struct]) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"Expected|unknown field"):
        msgspec.json.decode(body, type=kind)
