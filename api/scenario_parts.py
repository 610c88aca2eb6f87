"""Joins scenarios with the world: the policy that is live, the lake, a log for each run."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from adapters.lake.lake import Lake
from adapters.lake.views.bars import intraday
from adapters.lake.views.identity import security_id_on
from adapters.log_folder import DATABASE
from api.bootstrap import chosen_lake, fact_store, open_desk, shell_clock
from api.log_parts import log_to_read
from api.pages.scenario_page import scenario_page
from api.settings import Settings
from api.use_cases.activation import logged_activation, runners
from api.use_cases.desk import RESEARCH, Desk
from api.use_cases.policies import candidate, file_bytes
from api.use_cases.scenario_hours import HOUR_S
from api.use_cases.scenario_jobs import ScenarioWork, shipped_text
from api.use_cases.scenarios import ScenarioRequest
from dataflows.engine.run import Runner
from governance.environment import environment_here
from nodes.vocabulary.errors import EdgeError
from policies.parse import parsed_policy
from policies.scenario import Scenario, parsed_scenario

_ORIGIN = f"{RESEARCH}scenario"
_POLICY = "policy.yaml"


@dataclass(frozen=True)
class FolderBench:
    """Opens desks on logs in folders.

    Attributes:
        settings: of the installation.
        kept: where the log of the live policy stays; None throws it away with the others.
    """

    settings: Settings
    kept: Path | None = None

    def order_runner(self, policy: bytes) -> Runner:
        """What judges orders under a policy's text."""
        return runners(candidate(policy, _POLICY).generation, _ORIGIN, environment_here()).order

    @contextmanager
    def desk(self, policy: bytes, lake: Lake, *, is_kept: bool) -> Iterator[Desk]:
        """A desk on a new log under a policy's text."""
        with tempfile.TemporaryDirectory(prefix="assay-scenario-") as made:
            folder = self.kept if is_kept and self.kept is not None else Path(made)
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / DATABASE).exists():
                message = f"{folder} holds the log of an earlier run; name another folder, or remove it"
                raise EdgeError(message)
            file = folder / _POLICY
            file.write_bytes(policy)
            settings = replace(self.settings, home=folder, origin=_ORIGIN, database_url=None)
            with open_desk(settings, file, lake) as opened:
                yield opened.desk


def live_policy(settings: Settings, file: Path | None = None) -> tuple[bytes, str]:
    """The text and name of the policy that a scenario meets: that of a file, else what the home's log runs, else ours.

    Raises EdgeError when the file cannot be read, LogError when the log lacks what it runs.
    """
    chosen = file or settings.policy
    text = file_bytes(chosen)
    has_log = settings.database_url is not None or (settings.home / DATABASE).exists()
    if file is not None or not has_log:
        return text, str(chosen)
    strategy = parsed_policy(text, str(chosen)).policy.strategy
    with log_to_read(settings) as folder, folder.store.reader() as reader:
        newest = logged_activation(reader, strategy)
        if newest is None:
            return text, str(chosen)
        return reader.body(newest.refs.policy), f"{newest.facts['policy']} v{newest.facts['version']}"


def named_scenario(name: str) -> Scenario:
    """A scenario by its name or by its file. Raises EdgeError for one that is not there, PolicyError for faults."""
    if name.endswith((".yaml", ".yml")):
        return parsed_scenario(file_bytes(Path(name)), name)
    text, file = shipped_text(name)
    return parsed_scenario(text.encode(), file)


def scenario_work(settings: Settings) -> ScenarioWork:
    """What does scenario jobs of a home."""

    def request(scenario: Scenario, by_rule: bool) -> ScenarioRequest:  # noqa: FBT001  # a port's own shape
        return scenario_request(settings, scenario, by_rule=by_rule)

    return ScenarioWork(request, FolderBench(settings), scenario_page)


def scenario_request(
    settings: Settings, scenario: Scenario, policy: Path | None = None, *, by_rule: bool = True
) -> ScenarioRequest:
    """A scenario under the live policy on the lake of the settings."""
    text, file = live_policy(settings, policy)
    return ScenarioRequest(
        scenario=scenario,
        policy=text,
        policy_file=file,
        lake=chosen_lake(settings),
        account_id=settings.account_id,
        cash_usd=settings.opening_cash_usd,
        by_rule=by_rule,
        hours=None if scenario.hours_on is None or settings.lake is None else _hours(settings, scenario.hours_on),
    )


def _hours(settings: Settings, hours_on: date) -> pl.DataFrame:
    """The bars of hours of a session in the lake of the settings, for the symbols that are traded."""
    store, known_at = fact_store(settings), shell_clock()
    parts = []
    for symbol in settings.universe:
        security_id = security_id_on(store, symbol, settings.universe_on or known_at.date(), known_at)
        bars = intraday(store, security_id, HOUR_S, known_at)
        own = bars.filter(pl.col("starts_at").dt.date() == hours_on)
        parts.append(own.select(pl.lit(symbol).alias("symbol"), "starts_at", "open_usd", "close_usd"))
    return pl.concat(parts)
