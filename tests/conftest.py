"""Fixtures that every part shares, and the rule that a test which can run is never skipped."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
_skipped: list[str] = []

# A busy machine is slow, not wrong: a property fails by its example, never by the clock. The rest is as Hypothesis sets
# it, which in CI means the same examples every time.
settings.register_profile("assay", deadline=None)
settings.load_profile("assay")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The development data folder beside the checkout. A test that needs it is skipped, loudly, where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("no shared data beside this checkout")
    return SHARED_DATA


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remembers a skipped test that has no excuse."""
    _remember(report)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remembers a skipped module that has no excuse."""
    _remember(report)


def _remember(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Only absent shared data excuses a skip."""
    excused = "no shared data" in str(report.longrepr) and not SHARED_DATA.is_dir()
    if report.skipped and not hasattr(report, "wasxfail") and not excused:
        _skipped.append(report.nodeid)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI, a skip without an excuse fails the run."""
    if os.environ.get("CI") and _skipped and not hasattr(session.config, "workerinput"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Names the skips that fail a run in CI."""
    for nodeid in _skipped:
        terminalreporter.write_line(f"skipped without an excuse (fails in CI): {nodeid}", yellow=True)
