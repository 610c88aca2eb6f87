"""Visits to the console: a browser's page that is signed in, and that remembers whatever went wrong on it.

A visit ends well when nothing was written to the browser's console, nothing was refused by the content security
policy, and no request went anywhere but to the server.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from playwright.sync_api import Browser, Page, ViewportSize, expect

from api.http.tokens import SCOPES
from tests.api.server_process import Reached

SCREENSHOTS = Path(__file__).resolve().parents[2] / "var" / "screenshots"
WIDE, NARROW = 1280, 390
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_WAIT_MS = 15_000
_GRAVE = frozenset({"serious", "critical"})


@dataclass(frozen=True)
class Visitor:
    """Who looks, and with what.

    Attributes:
        principal: who the token is for.
        scopes: what it allows; all of it when empty.
        width: of the window, in pixels.
        theme: as the machine is set.
    """

    principal: str = "auditor"
    scopes: tuple[str, ...] = ()
    width: int = WIDE
    theme: Literal["light", "dark"] = "light"


@dataclass
class Visit:
    """A page of the console.

    Attributes:
        page: the browser's page.
        url: the server's address.
        complaints: what the page said was wrong.
        excused: parts of complaints that the test provokes, e.g. "401".
    """

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    excused: list[str] = field(default_factory=list)

    def to(self, path: str) -> Page:
        """Go to a place of the console, e.g. `/auditor`, and wait until it stands still."""
        self.page.goto(f"{self.url}/console{path}")
        self.settle()
        return self.page

    def settle(self) -> None:
        """Wait until nothing is on its way any more."""
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator(".loading")).to_have_count(0)

    def shot(self, name: str, *, is_whole: bool = False) -> None:
        """Keep a picture for people to look at."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=is_whole, animations="disabled")

    def require_accessible(self) -> None:
        """Asserts that axe finds nothing serious, and that the page does not scroll sideways."""
        found = Axe().run(self.page).response["violations"]
        grave = [
            f"{each['id']}: {each['help']}: {[node['html'][:160] for node in each['nodes'][:3]]}"
            for each in found
            if each["impact"] in _GRAVE
        ]
        assert not grave, "\n".join(grave)
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"the page is {width[0]} px wide in a window of {width[1]} px"

    @property
    def unexcused(self) -> list[str]:
        """Complaints that no test expects."""
        return [each for each in self.complaints if not any(part in each for part in self.excused)]


@contextmanager
def visited(browser: Browser, server: Reached, visitor: Visitor) -> Iterator[Visit]:
    """A visit by somebody who is signed in. Asserts at its end that nothing went wrong."""
    scopes = visitor.scopes or tuple(SCOPES)
    token = server.token_for(*scopes, principal=visitor.principal)
    with unsigned_visit(browser, server, visitor) as visit:
        said = f"if (!sessionStorage.getItem('assay.token')) sessionStorage.setItem('assay.token', '{token}')"
        visit.page.add_init_script(said)
        yield visit


@contextmanager
def unsigned_visit(browser: Browser, server: Reached, visitor: Visitor) -> Iterator[Visit]:
    """A visit by somebody who has not signed in."""
    window = ViewportSize(width=visitor.width, height=900)
    with browser.new_context(viewport=window, color_scheme=visitor.theme, accept_downloads=True) as context:
        page = context.new_page()
        page.set_default_timeout(_WAIT_MS)
        visit = Visit(page, server.url)
        page.on("console", lambda message: visit.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: visit.complaints.append(f"error: {error}"))
        page.on("request", lambda request: _require_here(visit, request.url))
        yield visit
        assert not visit.unexcused, "\n".join(visit.unexcused)


def _require_here(visit: Visit, url: str) -> None:
    if urlsplit(url).scheme not in {"blob", "data"} and not url.startswith(f"{visit.url}/"):
        visit.complaints.append(f"asked for {url}, which is not the server")
