"""`assay model watch, retrain, gates, set-gate, error-rates`: models without a person at every step."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from adapters.schedules import Schedule, cron_trigger
from api.bootstrap import open_models, shell_clock
from api.cli.edge import NO
from api.cli.models import FamilyArgument, WhoOption, print_outcome
from api.cli.output import JsonOption, err, out, print_facts, print_json
from api.cli.place import HomeOption, chosen, log_reader
from api.cli.progress import progress
from api.live_parts import publish_findings
from api.log_parts import require_log
from api.model_parts import known_figures, read_figures, research_life
from api.settings import Settings
from api.use_cases.error_rates import promotion_rate
from api.use_cases.gates import SHIPPED, activated_gate, active_gate, gate_policy
from api.use_cases.model_desk import model_named
from api.use_cases.model_live import ModelLive
from api.use_cases.model_watch import judged_shadow, watched_model
from api.use_cases.model_work import Asked
from api.use_cases.persons import CLOCKWORK
from api.use_cases.retraining import life_round
from dataflows.audit.made_up_markets import MadeUpMarket
from governance.models import Stage
from nodes.kernels.significance.proportions import Proportion
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import AssayError, EdgeError
from nodes.vocabulary.instants import instant_text

_N_SHARES, _N_SESSIONS, _EDGE_FRAC = 20, 1_200, 0.12


def watch(
    family: FamilyArgument,
    figures: Annotated[
        Path | None,
        typer.Option(
            "--figures", help="How it does on live data, as JSON.", metavar="FILE", show_default="found on the lake"
        ),
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", "-v", help="A shadow to judge.", metavar="N", show_default="the champion")
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Judge a champion, or a shadow, by its live figures: what the policy says follows at once. Exits with 1 then."""
    settings = chosen(home)
    require_log(settings)
    found: list[ModelLive] = []
    with open_models(settings) as desk:
        with desk.store.reader() as reader:
            champion = reader.registry.champion(family)
            number = version or (None if champion is None else champion.version)
            if number is None:
                message = f"model family {family!r} has no champion to watch; name a shadow with --version"
                raise EdgeError(message, reason="not-found")
            _, stage = model_named(reader, family, number)
        known = known_figures(settings, desk, found.append)(stage) if figures is None else read_figures(figures)
        if known is None:
            message = f"{family} v{number} has no live session yet; wait for one, or give --figures"
            raise EdgeError(message, reason="not-found")
        judged = judged_shadow if stage.stage == Stage.SHADOW.value else watched_model
        outcome = judged(desk, Asked(family, number, CLOCKWORK, "watched"), known)
    if found:
        publish_findings(settings, found, [outcome], shell_clock())
    print_outcome(outcome, as_json=as_json)
    if (outcome.version, outcome.state) != (number, stage.stage) and outcome.state != Stage.CHALLENGER.value:
        raise typer.Exit(NO)


def retrain(
    policy: Annotated[Path, typer.Argument(help="A research policy.", metavar="POLICY", show_default=False)],
    cron: Annotated[
        str | None,
        typer.Option("--cron", help="Again and again at these times, UTC.", metavar="EXPRESSION", show_default="once"),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a new version and bring each version of the family as far as the gates let it. With --cron, on schedule."""
    settings = chosen(home)
    if cron is None:
        _round(settings, policy, as_json=as_json)
        return
    cron_trigger(cron)
    with Schedule({"retrain": (cron, partial(_told_round, settings, policy, as_json=as_json))}) as schedule:
        due_at = schedule.next_at("retrain")
        out().print(f"The next round is at {instant_text(due_at) if due_at else 'no time'}; end with Ctrl-C.")
        schedule.wait()


def gates(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List the gates of a log: which policy each runs, or which one it would begin with."""
    with log_reader(home) as reader:
        found = {name: active_gate(reader, name) for name in SHIPPED}
    facts = [
        {
            "gate": name,
            "policy": "the shipped one, once it is asked" if gate is None else gate.name,
            "digest": None if gate is None else digest_text(gate.plan.policy_digest),
            "entry": None if gate is None else gate.sequence,
        }
        for name, gate in found.items()
    ]
    if as_json:
        print_json(facts)
        return
    table = Table(box=None, header_style="quiet")
    for name in ("gate", "policy", "entry", "digest"):
        table.add_column(name)
    for each in facts:
        table.add_row(*(Text(str(each[name] or "-")) for name in ("gate", "policy", "entry", "digest")))
    out().print(table)


def set_gate(
    file: Annotated[Path, typer.Argument(help="A policy of a gate.", metavar="FILE", show_default=False)],
    approved_by: Annotated[
        str | None, typer.Option("--approved-by", help="The second person.", metavar="NAME", show_default="nobody")
    ] = None,
    principal: WhoOption = None,
    home: HomeOption = None,
) -> None:
    """Let a policy of a gate in: its cases are run, and a version after the first needs a second person."""
    settings = chosen(home)
    require_log(settings)
    policy = gate_policy(file)
    with open_models(settings) as desk:
        found = activated_gate(
            desk.store, policy, principal or settings.principal, shell_clock(), approved_by=approved_by
        )
    print_facts(out(), {"gate": found.plan.name, "policy": found.name, "entry": found.sequence})


def error_rates(
    n_repetitions: Annotated[int, typer.Option("--repetitions", min=1, help="How many of each.", metavar="N")] = 20,
    edge: Annotated[
        float, typer.Option("--edge", min=0.0, max=0.5, help="Share of a week's return given back in a session.")
    ] = _EDGE_FRAC,
    n_workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes.", metavar="N")] = 1,
    n_shares: Annotated[int, typer.Option("--shares", min=2, max=200, help="Of each market.", metavar="N")] = _N_SHARES,
    n_sessions: Annotated[
        int, typer.Option("--sessions", min=400, max=5_000, help="Of each market.", metavar="N")
    ] = _N_SESSIONS,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the first market.", metavar="N")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Measure how often the gates let noise in, and how often a planted edge, over made-up markets."""
    found: dict[str, Proportion] = {}
    for name, reversal in (("noise", 0.0), ("planted", edge)):
        market = MadeUpMarket(n_shares, n_sessions, reversal, seed)
        with progress() as told:
            found[name] = promotion_rate(market, n_repetitions, n_workers, partial(told, name))
    if as_json:
        print_json({name: {**each._asdict(), "frac": each.frac} for name, each in found.items()})
        return
    for name, each in found.items():
        interval = f"95 % interval {each.low_frac:.1%} to {each.high_frac:.1%}"
        out().print(f"{name:<8} promoted {each.n_found} of {each.n_all} ({each.frac:.1%}; {interval})")


def _told_round(settings: Settings, policy: Path, *, as_json: bool) -> None:
    """A round of a schedule: one that goes wrong is told, and the next one comes at its time."""
    try:
        _round(settings, policy, as_json=as_json)
    except AssayError as error:
        err().print(Text(f"The round failed: {error}", style="fails"), soft_wrap=True)


def _round(settings: Settings, policy: Path, *, as_json: bool) -> None:
    with open_models(settings) as desk:
        found: list[ModelLive] = []
        outcomes = life_round(desk, research_life(settings, desk, policy, found.append))
    publish_findings(settings, found, outcomes, shell_clock())
    for outcome in outcomes:
        print_outcome(outcome, as_json=as_json, is_question=False)
