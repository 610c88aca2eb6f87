"""How long attribution takes on a home's log: `python -m tests.benchmarks.attribution HOME [ACCOUNT]`.

Processor time of one thread, the least of several repeats: reading the account's book, the model of returns, the lines,
the whole report, the decisions behind one line, and alpha decay. `assay demo --home HOME` makes a log of eight years.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.use_cases.attribution import Asked, attribution, attribution_report
from api.use_cases.attribution_book import account_book
from api.use_cases.attribution_decay import decay_of
from api.use_cases.attribution_decisions import decision_parts
from api.use_cases.attribution_model import return_model
from api.use_cases.attribution_terms import attribution_terms

N_REPEATS = 3


def least_s(work: Callable[[], object]) -> float:
    """Processor seconds of the quickest of several runs."""
    found = []
    for _ in range(N_REPEATS):
        started_s = time.process_time()
        work()
        found.append(time.process_time() - started_s)
    return min(found)


def main(home: Path, account_id: str = "demo") -> None:
    """Print the table."""
    lake, terms = bundled_lake(), attribution_terms()
    folder = log_folder_to_read(home)
    with folder.store.reader() as reader:
        asked = Asked(account_id)
        found = attribution(reader, lake, terms, asked)
        report = attribution_report(reader, found)
        rows = {
            "read the account's book": lambda: account_book(reader, lake, account_id),
            "part the lake's returns": lambda: return_model(lake, terms),
            "the whole report": lambda: attribution_report(reader, attribution(reader, lake, terms, asked)),
            "decisions behind alpha": lambda: decision_parts(attribution(reader, lake, terms, asked).window, "alpha"),
            "alpha decay": lambda: decay_of(reader, found.window, terms),
        }
        sys.stdout.write(f"{report.n_sessions:,} sessions, {len(found.window.rows):,} rows of share and session\n")
        for name, work in rows.items():
            sys.stdout.write(f"{name:<26} {1e3 * least_s(work):>8,.0f} ms\n")
    folder.store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:3])
