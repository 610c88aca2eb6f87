"""The commands of `assay` by name: where each is found, and what the help says of it.

A command's module is imported when the command is asked for, as an installed entry point is, so that `assay --help`
imports none and `assay verify` not what serving needs. To add one, write a row; a test holds the rows to the modules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_command, get_group

from api.cli.edge import EdgeGroup


@dataclass(frozen=True, slots=True)
class Place:
    """Where a command is found.

    Attributes:
        path: module and attribute, "api.cli.running:demo": a function, or a group of commands.
        text: its help, as the list of commands shows it.
    """

    path: str
    text: str


COMMANDS: Mapping[str, Place] = {
    "demo": Place(
        "api.cli.running:demo",
        "Run the main job on the bundled real data with the shipped policy, into var/demo; and a small study.",
    ),
    "run": Place(
        "api.cli.running:run",
        "Decide every session in turn, then sign a checkpoint, verify the log and replay a sample.",
    ),
    "verify": Place(
        "api.cli.verifying:verify",
        "Verify every byte of entries, bodies, tiles and checkpoints. Exits with 1 when something is wrong.",
    ),
    "replay": Place(
        "api.cli.replaying:replay",
        "Compute decisions again from what the log archives. Exits with 1 unless all are identical.",
    ),
    "decisions": Place("api.cli.traces:decisions", "List decisions, newest first."),
    "catalog": Place(
        "api.cli.catalogs:list_catalog",
        "List every node that installed packages offer, or show one in full.",
    ),
    "graph": Place("api.cli.catalogs:graph", "Show how a dataflow joins its nodes under a policy."),
    "why-not": Place(
        "api.cli.explaining:print_why_not",
        "Say what stood in the way of an order, and the smallest change of one input that would have let it pass.",
    ),
    "explain": Place(
        "api.cli.explaining:explain",
        "Say what became of a symbol and why: its plan, what made its score, its newest decision, what would "
        "change it.",
    ),
    "plan": Place(
        "api.cli.account:plan",
        "Show the day plan that orders are decided against: targets, and the orders that would lead there.",
    ),
    "signals": Place("api.cli.signals:app", "Today's picks with their reasons, told for a beginner or an expert."),
    "positions": Place(
        "api.cli.account:positions",
        "Show what an account holds: cash and shares, valued at the close at which it stands.",
    ),
    "kill-switch": Place(
        "api.cli.market:kill_switch",
        "Stop trading, or let it go on. Who did it and why is an entry of the log.",
    ),
    "serve": Place(
        "api.cli.serving:serve",
        "Serve the HTTP API: decisions, orders, policies and proofs, with its documentation under /docs.",
    ),
    "trace": Place("api.cli.traces:app", "Read one decision, node by node."),
    "bundle": Place(
        "api.cli.bundles:bundle",
        "Write one file that proves a decision: a page that opens offline, with all its evidence inside.",
    ),
    "evidence": Place(
        "api.cli.evidence:evidence",
        "Write what the log shows of a period: policies, changes, approvals, incidents, models, controls with counts.",
    ),
    "policy": Place("api.cli.policies:app", "Check, test, compare, propose and activate policies."),
    "log": Place("api.cli.log_group:app", "The entries and checkpoints of the decision log."),
    "journal": Place("api.cli.journal_group:app", "The journal: cash, positions, lots and costs to the last digit."),
    "data": Place("api.cli.data_group:app", "Import files into the lake, and see what it holds."),
    "venue-rules": Place(
        "api.cli.venue_rules:app", "The rules of the market: halts in force, and what holds on a day."
    ),
    "portfolio": Place("api.cli.portfolio:app", "Allocate portfolios under the caps of the policy; ask for a borrow."),
    "research": Place("api.cli.research:app", "Research runs: labels, folds, trials, evidence, the gates' verdict."),
    "backtest": Place("api.cli.backtests:app", "Backtests: years of a strategy under stated assumptions."),
    "labels": Place(
        "api.cli.labels:labels",
        "Say how the labels of the bars turn out: barriers touched, overlap, variance in calm and turbulent times.",
    ),
    "sentiment": Place("api.cli.sentiment:app", "Read the tone of texts: train, evaluate, score, show."),
    "significance": Place(
        "api.cli.significance:app",
        "Tell luck from skill: tests of strategies, track records and events.",
    ),
    "session": Place("api.cli.market:sessions", "Where the paper market stands, and moving it on."),
    "order": Place("api.cli.order_group:app", "Send orders, and see how they fared."),
    "latency": Place(
        "api.cli.execution:latency", "Say how long the hops of orders take that the log knows, in percentiles."
    ),
    "model": Place("api.cli.model_group:app", "Look at models, promote them, take them back."),
    "retention": Place("api.cli.retention:app", "What may be dropped from the log by rule, and legal holds."),
    "slo": Place("api.cli.slo:app", "Error budgets: how they stand, and as rules of Prometheus."),
    "alert": Place("api.cli.alerting:app", "Alerts: arm conditions, read what was raised, take it on, try channels."),
    "incident": Place("api.cli.incidents:app", "Record what went wrong, and have the log write it up."),
    "pit": Place("api.cli.pit:app", "Point in time: feature contracts, the leak audit, skew of what was served."),
    "risk": Place("api.cli.risk:app", "The risk of an account: exposure, value at risk, limits, throttles."),
    "simulate": Place("api.cli.simulating:app", "Try an order, or quotes, in a recorded market: fills, queue, cost."),
    "scenario": Place("api.cli.scenarios:app", "The live policy through crises, shocks and droughts."),
    "token": Place("api.cli.tokens:app", "Tokens for the HTTP API, and the keys that sign them."),
}


class LazyGroup(EdgeGroup):
    """The root command: knows its commands by name and help, and loads the one that is asked for."""

    def __init__(self, **given: Any) -> None:  # noqa: ANN401  # typer's own signature
        super().__init__(**given)
        self.commands.update({name: TyperCommand(name, help=place.text) for name, place in COMMANDS.items()})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401
        """The command that the arguments name, loaded."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, found if name is None else loaded(name), rest


def loaded(name: str) -> Any:  # noqa: ANN401  # a command or a group of typer's
    """A command with its module."""
    target = EntryPoint(name, COMMANDS[name].path, "assay.commands").load()
    if isinstance(target, typer.Typer):
        group = typer.Typer()
        group.add_typer(target, name=name)
        return get_group(group).commands[name]
    single = typer.Typer(add_completion=False)
    single.command(name)(target)
    return get_command(single)
