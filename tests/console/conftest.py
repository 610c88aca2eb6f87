"""A built console, a server with a few decisions, and a browser: made once for all tests of the console.

The server is the real one, in a process of its own, over a paper market on the bundled data. Its log begins with orders
that were allowed, cut and denied, and with a session that filled them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.api.server_process import Running, started
from tests.console.visits import ARGUMENTS, Visit, Visitor, visited

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
BUILD = Path(__file__).resolve().parents[2] / "console" / "build.py"
Visiting = Callable[..., Visit]


def placed(server: Running, account: str, symbol: str, shares: int) -> str:
    """The id of the decision about a market order; negative to sell."""
    side = "buy" if shares > 0 else "sell"
    order = {"symbol": symbol, "qty": str(abs(shares)), "side": side, "type": "market", "time_in_force": "day"}
    headers = {"Idempotency-Key": f"{account}-{symbol}-{shares}"}
    with server.client() as client:
        answer = client.post("/api/v1/actions/execute", json={**order, "account_id": account}, headers=headers)
    answer.raise_for_status()
    return str(answer.json()["decision"]["id"])


@pytest.fixture(scope="session")
def built_console() -> None:
    """The console, built from the sources that stand here."""
    done = subprocess.run([sys.executable, str(BUILD), "--must"], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return
    if os.environ.get("CI"):
        pytest.fail(f"the console does not build: {done.stderr}")
    pytest.skip(f"the console does not build here: {done.stderr}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, built_console: None) -> Iterator[Running]:  # noqa: ARG001  # first
    """A server of a paper market whose first session is over."""
    running = started(tmp_path_factory.mktemp("console") / "home", ASSAY_POLICY_MODE="approved")
    with ExitStack() as stack:
        stack.callback(running.stop)
        placed(running, "account-0", "AAPL", 100)
        placed(running, "account-1", "MSFT", 9_000)
        placed(running, "account-0", "AAPL", 101)
        with running.client() as client:
            client.post("/internal/session/advance").raise_for_status()
        placed(running, "account-0", "IBM", 50)
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium of the system."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine; apt-get install chromium")
    with sync_playwright() as playwright:
        started_browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield started_browser
        started_browser.close()


@pytest.fixture
def visit(browser: Browser, server: Running) -> Iterator[Visiting]:
    """Begins visits: `visit(principal="officer", width=NARROW, theme="dark")`; each must end without a complaint."""
    with ExitStack() as stack:
        yield lambda **who: stack.enter_context(visited(browser, server, Visitor(**who)))
