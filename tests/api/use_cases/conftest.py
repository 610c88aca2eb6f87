"""Fixtures of the use cases: the bundled lake, and a home whose log was made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.lake.lake import Lake, bundled_lake
from api.use_cases.service import Service
from tests.api.use_cases.attributions import Attributed, attributed_at
from tests.api.use_cases.homes import run_home
from tests.api.use_cases.services import service_at


@pytest.fixture(scope="session")
def lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Path:
    """A home that was run; copy it before you append to its log."""
    return run_home(tmp_path_factory.mktemp("ran") / "home", lake)


@pytest.fixture(scope="session")
def signal_service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    """A paper service whose market has had its first session; nothing is ordered on it."""
    with service_at(tmp_path_factory.mktemp("signals") / "home", lake) as service:
        yield service


@pytest.fixture(scope="session")
def attributed(ran: Path, lake: Lake) -> Iterator[Attributed]:
    """The attribution of that home's account; only read."""
    with attributed_at(ran, lake) as found:
        yield found
