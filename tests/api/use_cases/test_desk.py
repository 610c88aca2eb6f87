"""The desk keeps the account, and only balanced books."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.desk import Desk, GenerationRefs, environment_bytes
from api.use_cases.policies import cases_file
from api.use_cases.replaying import replayed
from api.use_cases.sessions import session_outcome
from dataflows.engine.trace import environment_digest
from governance.entries import Entry, EntryKind
from governance.environment import environment_here
from governance.ports import Transaction
from nodes.journal.account import AccountState
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.homes import FIRST_ON, POLICY, desk_at, records


@pytest.fixture
def opened(lake: Lake, tmp_path: Path) -> Iterator[OpenDesk]:
    with desk_at(tmp_path / "home", lake, opening_cash_usd=Decimal(5000)) as desk:
        yield desk


def test_an_account_that_the_log_does_not_know_is_opened_with_its_cash(opened: OpenDesk) -> None:
    state = opened.desk.writer.submit(opened.desk.account).result()
    assert (state.account_id, state.cash_usd) == ("demo", Decimal(5000))


def test_an_account_is_read_back_as_it_was_saved(opened: OpenDesk) -> None:
    desk = opened.desk
    state = replace(desk.writer.submit(desk.account).result(), n_marks=7)
    desk.writer.submit(partial(_saved, desk, state)).result()
    assert desk.writer.submit(desk.account).result() == state


def _saved(desk: Desk, state: AccountState, transaction: Transaction) -> None:
    now = desk.clock()
    transaction.append(Entry(EntryKind.CORRECTION, desk.store.origin, now, now))
    desk.save_account(transaction, state)


def test_a_generation_that_is_no_longer_the_newest_activation_may_not_append(opened: OpenDesk) -> None:
    """SGN-09: the same policy under other code is another generation, so two processes cannot mix in one log."""
    desk = replace(opened.desk, active=replace(opened.desk.active, sequence=opened.desk.active.sequence - 1))
    with pytest.raises(
        EdgeError, match=r"runs policy sha256:.*\(entry 1\), this process .*\(entry 0\); start it again"
    ):
        desk.writer.submit(desk.require_active).result()


def test_books_that_do_not_balance_are_not_kept(opened: OpenDesk) -> None:
    desk = opened.desk
    state = replace(desk.writer.submit(desk.account).result(), cash_usd=Decimal("5000.01"))
    with pytest.raises(EdgeError, match=r"books of account demo are off by 0.01 USD"):
        desk.writer.submit(lambda transaction: desk.save_account(transaction, state)).result()


def test_the_facts_of_refs_name_every_ref() -> None:
    refs = GenerationRefs(b"1", b"2", b"3", b"4", b"5")
    assert set(refs.facts) == {f"{field.name}_ref" for field in fields(GenerationRefs)}
    assert list(refs.facts.values()) == [b"1", b"2", b"3", b"4", b"5"]


def test_the_environment_that_is_archived_is_the_one_that_traces_commit_to() -> None:
    here = environment_here()
    assert environment_digest(environment_bytes(here)) == here.digest


def test_research_is_not_salted(opened: OpenDesk) -> None:
    assert opened.desk.salt_key() is None
    assert not opened.desk.active.order.digester.is_salted


def test_paper_traces_are_salted_each_with_a_key_of_its_own_and_replay(lake: Lake, tmp_path: Path) -> None:
    policy = tmp_path / "v1.yaml"
    text = POLICY.read_text(encoding="utf-8").replace("effective_from: 2026", "effective_from: 2096")
    policy.write_text(text, encoding="utf-8")
    shutil.copy(cases_file(POLICY), cases_file(policy))
    with desk_at(tmp_path / "home", lake, origin="paper", policy=policy) as paper:
        with pytest.raises(EdgeError, match=r"us-equities v1 is in force from 2096-.*, now it is .*; wait until then"):
            session_outcome(paper.desk, FIRST_ON)
        in_force = replace(paper.desk, clock=lambda: datetime(2097, 1, 1, tzinfo=UTC))
        for session_on in lake.sessions(FIRST_ON)[:3]:
            session_outcome(in_force, session_on)
        runs = [*records(paper.desk.store, EntryKind.PLAN), *records(paper.desk.store, EntryKind.DECISION)]
        reports = replayed(paper.desk.store, runs)
        with paper.desk.store.reader() as reader:
            keys = {decode(reader.body(run.entry.facts["trace_ref"]))["key"] for run in runs}
    assert all(report.is_identical for report in reports)
    assert len(keys) == len(runs) > 3
    assert {len(key) for key in keys} == {32}
