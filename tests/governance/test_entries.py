"""Entries: one byte string for one entry, ids that follow from content, and bytes that are none."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.entries import Entry, EntryKind, cl_ord_id, decision_id, entry_from_data, genesis_entry
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import LogError
from tests.governance.examples import NOON, decision
from tests.strategies import instants, scalars, texts

_DIGESTS = st.binary(min_size=32, max_size=32)


def entries() -> st.SearchStrategy[Entry]:
    """Entries of every kind, with any facts."""
    return st.builds(
        Entry,
        st.sampled_from(EntryKind),
        texts(),
        instants(),
        instants(),
        st.dictionaries(texts(), scalars(), max_size=4),
        st.lists(_DIGESTS, max_size=3).map(tuple),
        st.lists(_DIGESTS, max_size=3).map(tuple),
    )


def _plain_data(entry: Entry) -> bytes:
    content = {
        "scheme": 1,
        "kind": entry.kind.value,
        "origin": entry.origin,
        "as_of": entry.as_of,
        "recorded_at": entry.recorded_at,
        "facts": entry.facts,
        "bodies": entry.bodies,
        "cites": entry.cites,
    }
    return encode(content)


@given(entries())
def test_the_bytes_of_an_entry_are_those_of_a_struct_of_its_fields(entry: Entry) -> None:
    assert entry.data == _plain_data(entry)


@given(entries())
def test_an_entry_read_back_from_its_bytes_has_the_same_bytes(entry: Entry) -> None:
    assert entry_from_data(entry.data).data == entry.data


@given(entries(), entries())
def test_entries_share_an_id_only_when_they_share_their_bytes(one: Entry, other: Entry) -> None:
    assert (one.entry_id == other.entry_id) == (one.data == other.data)


def test_the_bytes_of_an_entry_are_frozen() -> None:
    """A change here breaks every log ever written: it needs a new scheme number and an ADR."""
    assert (
        decision(7, (bytes(32),)).entry_id.hex() == "1aea514e22760fd9d1323c5004e5d00b06d7294e020828f1d8f9d730a1118a3a"
    )


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"scheme": 2, "kind": "fill"},
        5,
        {
            "scheme": 1,
            "kind": "fill",
            "as_of": 1,
            "recorded_at": 2,
            "facts": {},
            "bodies": (),
            "cites": (),
            "origin": "a",
        },
        {**dict.fromkeys(("as_of", "recorded_at", "facts", "bodies", "cites", "origin"), ()), "scheme": 1, "kind": "x"},
    ],
)
def test_bytes_that_say_no_entry_are_refused(content: Any) -> None:
    with pytest.raises(LogError, match=r"are no log entry: .*; restore the log from a copy"):
        entry_from_data(encode(content))


def test_broken_bytes_are_refused() -> None:
    with pytest.raises(LogError, match="are no log entry: canonical bytes are broken"):
        entry_from_data(decision(1).data[:-3])


def test_bytes_in_another_form_than_the_one_are_refused() -> None:
    """As canonical bytes go there is one form; here an integer is written as a big one."""
    data = decision(7).data
    short, long = encode(7), b"J" + (1).to_bytes(8, "big") + b"\x07"
    assert data.count(short) == 1
    with pytest.raises(LogError, match="not the one form of what they say; restore"):
        entry_from_data(data.replace(short, long))


def test_a_decision_is_found_by_its_id_and_other_entries_by_none() -> None:
    assert decision(9).decision_id == (9).to_bytes(32, "big")
    assert genesis_entry("live", "live+0+k", NOON).decision_id is None


def test_a_decision_id_that_is_no_digest_is_none() -> None:
    assert Entry(EntryKind.FILL, "live", NOON, NOON, {"decision_id": "text"}).decision_id is None


@given(st.lists(st.tuples(texts(), texts(), texts()), min_size=2, max_size=2, unique=True))
def test_decision_ids_differ_when_origin_principal_or_key_do(parts: list[tuple[str, str, str]]) -> None:
    ids = {decision_id(origin, bytes(32), principal, key) for origin, principal, key in parts}
    assert len(ids) == 2


@given(st.lists(st.tuples(texts(), texts()), min_size=2, max_size=2, unique=True))
def test_requests_of_different_accounts_or_keys_have_different_cl_ord_ids(requests: list[tuple[str, str]]) -> None:
    assert len({cl_ord_id(account, key) for account, key in requests}) == 2


def test_a_cl_ord_id_is_the_same_for_the_same_request_and_fits_fix() -> None:
    found = cl_ord_id("desk-1", "2026-11-20/AAPL/1")
    assert found == cl_ord_id("desk-1", "2026-11-20/AAPL/1")
    assert len(found) == 24
    assert found.isascii()
    assert found.isalnum()


def test_the_first_entry_names_the_key_of_the_log() -> None:
    entry = genesis_entry("live", "live+01020304+AQ==", datetime(2026, 1, 1, tzinfo=UTC))
    assert entry.kind is EntryKind.GENESIS
    assert entry.facts["verifier_key"] == "live+01020304+AQ=="
