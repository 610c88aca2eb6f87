from __future__ import annotations

from dataclasses import replace

import pytest

from adapters.models.tuning import optuna_search
from adapters.research.fitters import Here, fitters, worker_died
from dataflows.research.study import done_fits
from dataflows.research.trials import Fit, RecordedTrial
from nodes.vocabulary.errors import DataError, EdgeError
from tests.dataflows.research.small import MemoryFits, small_design, small_table, small_work

TABLE = small_table(edge=0.4, n_sessions=200)
DESIGN = small_design(n_folds="2", n_trials="2")


def _told(_done: int, _total: int) -> None: ...


def _results(n_workers: int) -> list[tuple[object, ...]]:
    work, _ = small_work(TABLE, DESIGN)
    with fitters(work.data, n_workers) as working:
        work = replace(work, fitters=working, searches=optuna_search, kept=MemoryFits())
        done = done_fits(work, _told)
        shares = [working.importances(each.fit).result().tolist() for each in done[:1]]
        models = [working.artefact(each.fit).result() for each in done[-1:]]
    return [(each.fit.key, each.result.loss, each.result.predictions.tobytes()) for each in done] + [(shares, models)]


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_workers() -> None:
    """Issue 5: wide searches run in parallel processes, and what they find is the same bit for bit."""
    assert _results(1) == _results(2)


def test_a_fit_of_a_model_that_nobody_trains_names_those_that_are() -> None:
    work, _ = small_work(TABLE, DESIGN)
    with pytest.raises(DataError, match="crystal-ball"):
        Here(work.data).submit(Fit(RecordedTrial("crystal-ball", 0, 1, b"t"), 0, {}, 1))


def test_a_worker_that_died_is_told_with_the_mend() -> None:
    error = worker_died(RuntimeError("killed"))
    assert isinstance(error, EdgeError)
    assert "resume the job" in str(error)
