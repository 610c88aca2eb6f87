"""A bundle holds everything that proves one decision, and whoever has nothing of ours can check it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from adapters.log_folder import log_folder
from dataflows.us_equities import ROW_NODES
from governance.bundle import END, START, BundleData, BundledRuns, block_text, bundle_data, bundle_file
from governance.disclosure import masked_values
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError, LogError
from tests.api.use_cases.homes import copied_home
from tests.governance.bundle_examples import PAGE, DecidedHome, clipped, decided, research, runs_of, verifier
from tests.governance.examples import decision

__all__ = ["decided", "research"]
Block = dict[str, Any]


@pytest.fixture(scope="module")
def reader(decided: DecidedHome) -> Iterator[LogReader]:
    with decided.store.reader() as found:
        yield found


@pytest.fixture(scope="module")
def runs(reader: LogReader) -> BundledRuns:
    return runs_of(reader, clipped(reader))


@pytest.fixture(scope="module")
def data(reader: LogReader, runs: BundledRuns) -> BundleData:
    return bundle_data(reader, runs)


@pytest.fixture(scope="module")
def file(data: BundleData) -> bytes:
    return bundle_file(PAGE, data)


def _redacted(reader: LogReader, runs: BundledRuns, *names: str) -> BundleData:
    masked = masked_values(names, runs.order, runs.session, ROW_NODES, runs.record.entry.facts)
    return bundle_data(reader, runs, masked)


def _told(file: bytes, vkey: str, *, with_values: bool = False) -> list[str]:
    check = verifier()
    lines: list[str] = check.told(check.Bundle(file, vkey), with_values=with_values)
    return lines


def _refusal(file: bytes, vkey: str) -> str:
    check = verifier()
    try:
        check.Bundle(file, vkey)
    except check.BROKEN as error:
        return f"{error}" if isinstance(error, check.Refused) else f"after {check.PLACE[0]}"
    raise AssertionError("a changed bundle was accepted")


def test_the_stand_alone_verifier_accepts_a_bundle_and_says_what_is_proved(
    file: bytes, decided: DecidedHome, runs: BundledRuns
) -> None:
    """ENG-09: an independent verifier with no dependency on the project."""
    lines = _told(file, decided.vkey)
    assert lines[0].startswith("OK: ")
    assert f"decision_id: {runs.record.decision_id.hex() if runs.record.decision_id else ''}" in lines
    assert f"verdict: {runs.record.entry.facts['verdict']}" in lines


def test_the_verifier_reads_every_value_as_the_trace_has_it(
    file: bytes, decided: DecidedHome, runs: BundledRuns
) -> None:
    """ENG-09: nobody has to believe the page."""
    lines = _told(file, decided.vkey, with_values=True)
    name = runs.order.plan.name
    assert f"{name}, pass 0, cash_usd = {runs.order.values['cash_usd']}" in lines
    assert f"{name}, pass 0, participation_frac = {runs.order.values['participation_frac']!r}" in lines
    assert f"{name}, pass 1, order_shares = {runs.order.proposed['order_shares']}" in lines
    n_values = len(runs.order.plan.computed) + len(runs.order.reading.layout.sized.nodes)
    assert runs.session is not None
    assert sum(" = " in line for line in lines) == n_values + len(runs.session.plan.computed)


def test_a_bundle_holds_the_entries_that_belong_to_the_decision(data: BundleData, runs: BundledRuns) -> None:
    kinds = [each.record.kind for each in data.entries]
    assert kinds[:3] == [EntryKind.DECISION.value, EntryKind.PLAN.value, EntryKind.ACTIVATION.value]
    assert set(kinds[3:]) == {EntryKind.FILL.value, EntryKind.EXPIRY.value}
    assert data.entries[0].record == runs.record
    assert data.left_out == {}


def test_a_bundle_of_a_research_log_holds_its_traces_in_one_piece(research: DecidedHome) -> None:
    """ENG-09."""
    with research.store.reader() as reader:
        runs = runs_of(reader, clipped(reader))
        found = bundle_data(reader, runs)
        with pytest.raises(EdgeError, match="hashed in one piece"):
            _redacted(reader, runs, "cash_usd")
    assert found.traces == {}
    lines = _told(bundle_file(PAGE, found), research.vkey, with_values=True)
    assert f"{runs.order.plan.name}, pass 0, cash_usd = {runs.order.values['cash_usd']}" in lines
    assert f"{runs.order.plan.name}, pass 1, order_shares = {runs.order.proposed['order_shares']}" in lines


def test_masked_values_are_named_and_everything_else_still_holds(
    reader: LogReader, runs: BundledRuns, decided: DecidedHome
) -> None:
    """ENG-10: redaction that keeps proofs valid, masked fields said."""
    found = _redacted(reader, runs, "adv_shares", "participation_frac")
    file = bundle_file(PAGE, found)
    lines = _told(file, decided.vkey)
    name = runs.order.plan.name
    assert f"{name}, pass 0, adv_shares = masked" in lines
    assert f"{name}, pass 1, participation_frac = masked" in lines
    assert {line.split(", ")[2] for line in lines if line.endswith("= masked")} == {
        f"{each} = masked" for each in ("adv_shares", "last_adv_shares", "participation_frac")
    }
    assert set(found.left_out.values()) == {"masked"}, "the session's slices would tell what its columns were"


def test_an_entry_that_tells_what_is_masked_is_left_out(
    reader: LogReader, runs: BundledRuns, decided: DecidedHome
) -> None:
    """ENG-10: the session's entry says the equity."""
    found = _redacted(reader, runs, "equity_usd")
    kinds = {each.record.kind for each in found.entries}
    assert EntryKind.PLAN.value not in kinds
    assert _told(bundle_file(PAGE, found), decided.vkey)[0].endswith("entries")


def test_a_bundle_without_session_and_with_a_dropped_body_says_so(
    reader: LogReader, runs: BundledRuns, decided: DecidedHome
) -> None:
    """ENG-09: a decision whose code is gone."""
    dropped = runs.record.entry.facts["sources_ref"]
    found = bundle_data(_Without(reader, dropped), BundledRuns(runs.record, runs.order))
    assert found.left_out == {dropped: "dropped"}
    lines = _told(bundle_file(PAGE, found), decided.vkey)
    assert f"left out: body {dropped.hex()}, the log dropped it by its retention policy" in lines


class _Without:
    """A reader of a log of which one body is gone, or holds other bytes."""

    def __init__(self, reader: LogReader, ref: bytes, stored: bytes | None = None) -> None:
        self._reader, self._ref, self._stored = reader, ref, stored

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def stored_body(self, ref: bytes) -> bytes | None:
        return self._stored if ref == self._ref else self._reader.stored_body(ref)


def test_a_log_that_is_not_intact_gives_no_bundle(reader: LogReader, runs: BundledRuns) -> None:
    """ENG-09: a log that fails verification is shown for what it is."""
    ref = runs.record.entry.facts["sources_ref"]
    with pytest.raises(LogError, match=f"body {ref.hex()} is stored with other bytes"):
        bundle_data(_Without(reader, ref, b"other"), runs)
    forged = replace(runs, record=runs.record._replace(data=_reworded(runs.record)))
    with pytest.raises(LogError, match="leads to root"):
        bundle_data(reader, forged)


def _reworded(record: Record) -> bytes:
    facts = {**record.entry.facts, "principal": "mallory"}
    return replace(record.entry, facts=facts).data


def test_a_decision_that_no_checkpoint_covers_has_no_bundle_yet(decided: DecidedHome, tmp_path: Path) -> None:
    folder = log_folder(copied_home(decided.path, tmp_path / "home"), "paper")
    with folder.store.transaction() as transaction:
        transaction.append(decision(1, at=datetime(2100, 1, 1, tzinfo=UTC)))
    with folder.store.reader() as reader:
        newest = reader.newest(EntryKind.DECISION, 1)[0]
        runs = replace(runs_of(reader, clipped(reader)), record=newest)
        with pytest.raises(EdgeError, match=r"no checkpoint covers entry \d+: the newest covers"):
            bundle_data(reader, runs)


def test_a_page_without_a_place_for_the_data_is_refused(data: BundleData) -> None:
    with pytest.raises(LogError, match="has not one place for the bundle's data"):
        bundle_file("<p>nothing</p>", data)
    with pytest.raises(LogError, match="has not one place for the bundle's data"):
        bundle_file(PAGE + START, data)


def test_a_byte_changed_anywhere_is_refused(file: bytes, decided: DecidedHome) -> None:
    """ENG-09: the issue's one changed byte."""
    refused = 0
    for at in range(0, len(file), len(file) // 40):
        changed = bytearray(file)
        changed[at] ^= 1 << at % 7
        refused += bool(_refusal(bytes(changed), decided.vkey))
    assert refused > 40


def _first_body(block: Block) -> str:
    return str(min(block["bodies"]))


def _flipped(text: str) -> str:
    return ("B" if text[0] == "A" else "A") + text[1:]


def _change_body(block: Block) -> None:
    block["bodies"][_first_body(block)] = _flipped(block["bodies"][_first_body(block)])


def _change_entry(block: Block) -> None:
    block["entries"][1]["entry"] = _flipped(block["entries"][1]["entry"])


def _change_proof(block: Block) -> None:
    block["entries"][0]["proof"][0] = _flipped(block["entries"][0]["proof"][0])


def _change_index(block: Block) -> None:
    block["entries"][0]["index"] += 1


def _add_entry(block: Block) -> None:
    block["entries"].append(block["entries"][-1])
    block["entries"][0], block["entries"][1] = block["entries"][1], block["entries"][0]


def _change_value(block: Block) -> None:
    value = block["traces"][min(block["traces"])]["parts"][0]
    value[3] = value[3][:-4] + _flipped(value[3][-4:])


def _swap_values(block: Block) -> None:
    values = block["traces"][min(block["traces"])]["parts"][0]
    values[3], values[4] = values[4], values[3]


def _drop_value(block: Block) -> None:
    block["traces"][min(block["traces"])]["parts"][0].pop()


def _mask_with_more(block: Block) -> None:
    values = block["traces"][min(block["traces"])]["parts"][0]
    values[3] = "masked:" + values[3]


def _drop_body(block: Block) -> None:
    del block["bodies"][_first_body(block)]


def _say_dropped(block: Block) -> None:
    block["left_out"][_first_body(block)] = "lost"
    del block["bodies"][_first_body(block)]


def _change_note(block: Block) -> None:
    block["checkpoint"] = block["checkpoint"].replace("paper\n", "paper\n1", 1)


def _cut_note(block: Block) -> None:
    block["checkpoint"] = block["checkpoint"].rstrip()


def _change_form(block: Block) -> None:
    block["format"] = "assay-bundle/2"


def _change_as_of(block: Block) -> None:
    block["traces"][min(block["traces"])]["as_of"] += 1


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (_change_body, "body [0-9a-f]{64}: its bytes are not those"),
        (_drop_body, "bodies: they are not those that the entries name"),
        (_say_dropped, "bodies: why one is left out is not said"),
        (_change_entry, r"entry \d+: it is not in the tree"),
        (_change_proof, r"entry \d+: it is not in the tree"),
        (_change_index, r"entry \d+: it is not in the tree"),
        (_add_entry, r"entry \d+: its decision id is not"),
        (_change_value, r"entry \d+.*: (its base64|the trace of its values)"),
        (_swap_values, r"entry \d+, \w+: its value is of another node"),
        (_drop_value, r"entry \d+: it tells \d+ values in pass 0"),
        (_mask_with_more, r"entry \d+.*: (its value is of another node|the trace)"),
        (_change_as_of, r"entry \d+: the trace of its values"),
        (_change_note, "checkpoint: the signature of paper does not fit"),
        (_cut_note, "checkpoint: it is not signed by paper"),
        (_change_form, "data: its format is assay-bundle/2"),
    ],
)
def test_what_was_changed_is_refused_with_its_place(
    file: bytes, decided: DecidedHome, change: Callable[[Block], None], where: str
) -> None:
    """ENG-09: refused, saying where."""
    before, _, rest = file.decode().partition(START)
    text, _, after = rest.partition(END)
    block = json.loads(text)
    change(block)
    changed = json.dumps(block, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    refusal = _refusal(f"{before}{START}{changed}{END}{after}".encode(), decided.vkey)
    assert re.match(where, refusal), refusal


def test_a_changed_page_a_strange_key_and_another_file_are_refused(file: bytes, decided: DecidedHome) -> None:
    """ENG-09."""
    assert _refusal(file.replace(b"A page", b"B page"), decided.vkey) == "page: it was changed"
    assert _refusal(file.replace(b'"format"', b' "format"'), decided.vkey) == "data: it is not in its one proper form"
    assert _refusal(b"<p>another file</p>", decided.vkey) == "file: it holds no bundle"
    assert _refusal(file, decided.vkey.replace("paper", "other")).startswith("key: other")


def test_the_digest_in_the_block_is_that_of_the_page(data: BundleData) -> None:
    digest = sha256(PAGE.encode()).hexdigest()
    assert json.loads(block_text(data, digest))["page"] == digest
