"""The example package of the documentation: installed beside Assay it is in the catalog, the graph and the trace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from dataflows.engine.catalog import STAGES, catalog, installed_modules
from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.contracts import module_sheet
from dataflows.engine.lifted import plan_drawing
from dataflows.engine.run import Runner, SessionRun
from dataflows.us_equities import US_EQUITIES
from nodes.vocabulary.errors import PolicyError
from policies.parse import parsed_policy
from tests.architecture.code import ROOT
from tests.dataflows.engine.shipped import generation, lake, session_snapshot, window

EXAMPLE = ROOT / "docs" / "examples" / "volume_surge"
POLICY = (ROOT / "policies" / "us-equities" / "v1.yaml").read_text(encoding="utf-8")
WITH_SURGE = POLICY.replace("\nsignal:\n", "\nsignal:\n  volume_surge_frac: 0.1\n", 1)
SESSION_ON = date(2005, 1, 3)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the example was installed into, by pip, from a copy of its sources."""
    folder = tmp_path_factory.mktemp("site")
    package = shutil.copytree(EXAMPLE, folder / "source")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--target", str(folder / "installed"), str(package)], check=True)  # noqa: S603  # constant
    return folder / "installed"


@pytest.fixture
def surge(site: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example is installed while a test runs; what the other tests share was compiled before."""
    generation()
    monkeypatch.syspath_prepend(site)
    yield
    for name in ("volume_surge", "volume_surge.surge"):
        sys.modules.pop(name, None)
    module_sheet.cache_clear()


def _generation() -> Generation:
    # What is installed now, as a process finds it that starts now: compilation keeps what a process found first.
    return compiled_strategy(parsed_policy(WITH_SURGE.encode(), "v2.yaml"), US_EQUITIES, installed_modules(STAGES))


def _run(surged: Generation) -> SessionRun:
    snapshot = session_snapshot(window(SESSION_ON))
    return Runner(surged.session, "research/example", b"").session(snapshot, lake().calendar.close(SESSION_ON))


@pytest.mark.usefixtures("surge")
def test_installed_feature_is_in_the_catalog() -> None:
    node = catalog(installed_modules(STAGES))["volume_surge_frac"]
    assert (node.module, node.stage, node.unit.name) == ("volume_surge.surge", "features", "FracColumn")


def test_feature_that_is_not_installed_is_refused_where_the_policy_names_it() -> None:
    with pytest.raises(PolicyError, match=r"v2\.yaml:\d+:\d+: unknown feature volume_surge_frac"):
        _generation()


@pytest.mark.usefixtures("surge")
def test_one_line_of_policy_brings_the_feature_into_plan_drawing_and_archive() -> None:
    plan = _generation().session
    assert "volume_surge_frac" in {node.name for node in plan.nodes}
    assert "volume_surge_frac" in plan_drawing(plan)
    assert "def volume_surge_frac" in plan.sources["volume_surge.surge"]


@pytest.mark.usefixtures("surge")
def test_feature_is_in_the_trace_of_a_session_run() -> None:
    surged = _generation()
    run = _run(surged)
    panel, surge = run.values["panel"], run.values["volume_surge_frac"]
    apple = (panel["symbol"] == "AAPL") & (panel["session_on"] == SESSION_ON)
    volume, average = (run.values[name].filter(apple).item() for name in ("volume_shares", "adv_shares"))
    assert surge.filter(apple).item() == pytest.approx(volume / average)
    runner = Runner(surged.session, "research/example", b"")
    names = [node.name for node in surged.session.computed]
    archived = dict(zip(names, runner.layout.unpacked(run.trace.packed[0]), strict=True))
    assert "volume_surge_frac" in archived
