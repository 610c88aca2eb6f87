"""Keeping feeds up: each is fetched as often as policy says, sooner after a failure, and left alone while it rests.

Runs note themselves down in the lake, so a keeper that is started again goes on where it was. Two of them ask twice as
often, and do no other harm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from adapters.feeds.source import Source
from adapters.lake.domains.feed_runs import DONE
from api.use_cases.feeds import Collected, Collector, FeedState, collected, feed_states
from nodes.vocabulary.errors import AssayError, EdgeError
from policies.resilience_terms import FeedTerms, ResilienceTerms

FIRST_RETRY_S = 60.0
PAUSE_S = 1.0
_DOUBLINGS = 10
_log = structlog.get_logger("assay.feeds")


@dataclass(frozen=True)
class FeedKeeper:
    """Keeps some feeds up.

    Attributes:
        collector: runs them.
        terms: how often each is fetched.
        sources: makes each feed by its name; a feed is made anew for each run, since names of securities change.
    """

    collector: Collector
    terms: ResilienceTerms
    sources: Mapping[str, Callable[[], Source]]

    def require_known(self) -> None:
        """Raises EdgeError for a feed that policy does not say how often to fetch, or that cannot be made."""
        for name, source in self.sources.items():
            if name not in self.terms.feeds:
                known = ", ".join(self.terms.feeds)
                message = f"terms {self.terms.family} v{self.terms.version} do not name feed {name!r}, only {known}"
                raise EdgeError(f"{message}; add it to their feeds")
            source()

    def kept(self) -> tuple[Collected, ...]:
        """Runs every feed that is due, and tells of those whose outcome has changed."""
        now = self.collector.clock()
        states = {state.feed: state for state in feed_states(self.collector.store, now)}
        due = [name for name in self.sources if next_at(states.get(name), self.terms.feeds[name], now) <= now]
        return tuple(run for name in due if (run := self._run(name, states.get(name))) is not None)

    def _run(self, name: str, before: FeedState | None) -> Collected | None:
        """A run; one that could not even begin is told, and holds up no other feed."""
        try:
            run = collected(self.collector, self.sources[name]())
        except AssayError as error:
            _log.error("feed not fetched", feed=name, because=str(error))
            return None
        was_well = before is None or before.outcome == DONE
        if run.outcome != DONE and was_well:
            _log.error("feed away", feed=name, outcome=run.outcome, because=run.detail)
        elif run.outcome == DONE and not was_well:
            _log.warning("feed back", feed=name, n_accepted=run.n_accepted)
        return run


def next_at(state: FeedState | None, terms: FeedTerms, now: datetime) -> datetime:
    """When a feed is to be fetched next: at once when it never ran, and not before it has rested."""
    if state is None:
        return now
    wait_s = terms.every_s
    if state.n_failures:
        wait_s = min(terms.every_s, FIRST_RETRY_S * 2.0 ** min(state.n_failures - 1, _DOUBLINGS))
    due_at: datetime = state.last_run_at + timedelta(seconds=wait_s)
    return due_at if state.rests_until_at is None else max(due_at, state.rests_until_at)
