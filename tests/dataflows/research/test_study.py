from __future__ import annotations

from concurrent.futures import Future
from dataclasses import replace

import pytest

from dataflows.research.study import StudyWork, done_fits
from dataflows.research.trials import Fit, FitResult
from nodes.vocabulary.errors import EdgeError
from tests.dataflows.research.small import Fitting, MemoryFits, small_table, small_work

TABLE = small_table(edge=0.3)
N_FITS = 3 * 2  # two tested folds and the whole, two trials each


def _told(_done: int, _total: int) -> None: ...


def _plain(work: StudyWork) -> list[tuple[object, ...]]:
    return [(each.fit.key, each.result.loss, *each.result.predictions.tolist()) for each in done_fits(work, _told)]


def test_every_trial_is_fitted_in_every_fold_and_on_the_whole() -> None:
    work, fitting = small_work(TABLE)
    done = done_fits(work, _told)
    assert [(each.fit.fold, each.fit.trial.place) for each in done] == [(f, p) for f in range(3) for p in range(2)]
    assert len(fitting.submitted) == N_FITS


class Backwards(Fitting):
    """Hands results of two folds out in another order than they were asked for."""

    waiting: tuple[tuple[Future[FitResult], FitResult], ...] = ()

    def submit(self, fit: Fit) -> Future[FitResult]:
        future = super().submit(fit)
        if fit.fold == 2:
            return future
        late: Future[FitResult] = Future()
        self.waiting = (*self.waiting, (late, future.result()))
        if len(self.waiting) == 2:
            for each, result in reversed(self.waiting):
                each.set_result(result)
            self.waiting = ()
        return late


def test_the_order_in_which_fits_finish_changes_nothing() -> None:
    work, _ = small_work(TABLE)
    again, _ = small_work(TABLE)
    again = replace(again, fitters=Backwards(again.data))
    assert _plain(work) == _plain(again)


class StopError(EdgeError):
    """Raised in the middle of a study."""


def test_a_study_that_was_interrupted_fits_only_what_it_had_not_fitted() -> None:
    """Journey 1 of issue 5: resume after a crash."""
    work, fitting = small_work(TABLE)

    def stop(done: int, _total: int) -> None:
        if done >= 3:
            raise StopError("stopped here; go on")

    with pytest.raises(StopError, match="stopped here"):
        done_fits(work, stop)
    kept = work.kept
    assert isinstance(kept, MemoryFits)
    n_kept = len(kept)
    assert 3 <= n_kept < N_FITS
    resumed, fresh = small_work(TABLE)
    resumed = replace(resumed, kept=kept)
    whole, _ = small_work(TABLE)
    assert _plain(resumed) == _plain(whole)
    assert len(fresh.submitted) == N_FITS - n_kept
    assert len(fitting.submitted) >= n_kept


def test_progress_counts_up_to_all_fits() -> None:
    work, _ = small_work(TABLE)
    seen: list[tuple[int, int]] = []
    done_fits(work, lambda done, total: seen.append((done, total)))
    assert seen == [(done, N_FITS) for done in range(N_FITS + 1)]


def test_a_search_is_told_its_own_losses_and_no_others() -> None:
    work, fitting = small_work(TABLE)
    other, alone = small_work(small_table(edge=0.3))
    done_fits(work, _told)
    done_fits(other, _told)
    asked, again = ({fit.key: fit.settings for fit in each.submitted} for each in (fitting, alone))
    assert asked == again
    assert len({fit.seed for fit in fitting.submitted}) == N_FITS
