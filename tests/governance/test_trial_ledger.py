"""The trial ledger: every trial is written down once, before its model is fitted, and counted by the database."""

from __future__ import annotations

from adapters.sql.store import SqlLog
from governance.trial_ledger import LedgerState, TrialLedger
from nodes.vocabulary.chain import CHAIN_START
from tests.governance.model_examples import FAMILY, noon
from tests.stores import any_log, postgres_server, postgres_url

__all__ = ["any_log", "postgres_server", "postgres_url"]


def test_a_ledger_counts_every_trial_of_every_study_and_none_twice(any_log: SqlLog) -> None:
    """SIG-02: a study that is run again adds nothing, another one adds its own."""
    ledger = TrialLedger(any_log, FAMILY, noon)
    assert ledger.state == LedgerState(0, CHAIN_START)
    first = ledger.recorded("monday", {"depth": 3, "seed": 1})
    assert ledger.recorded("tuesday", {"seed": 1, "depth": 3}) == first
    ledger.all_recorded("tuesday", [{"depth": depth, "seed": 2} for depth in range(4)])
    other = TrialLedger(any_log, "another", noon)
    assert (ledger.state.n_trials, other.state.n_trials, first.study) == (5, 0, "monday")


def test_trials_written_down_together_are_chained_like_those_written_one_by_one(any_log: SqlLog) -> None:
    settings = [{"depth": depth} for depth in (1, 2, 2, 3)]
    together, single = TrialLedger(any_log, FAMILY, noon), TrialLedger(any_log, "single", noon)
    rows = together.all_recorded("s", settings)
    for each in settings:
        single.recorded("s", each)
    assert [row.number for row in rows] == [1, 2, 2, 3]
    assert together.state.n_trials == single.state.n_trials == 3
    assert together.state.digest == rows[-1].chain != single.state.digest  # a chain names its family
