"""`assay why-not` and `assay explain`: what stood in the way of an order, and why a symbol stands as it does."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from adapters.archived_code import COUNTERFACTUALS, ChildProcess
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import DecisionId, HomeOption, log_reader
from api.http.asked import asked_instant
from api.http.schemas.why_not import (
    BindingRuleView,
    ChangeView,
    ExplanationView,
    WhyNotView,
    explanation_view,
    why_not_view,
)
from api.use_cases.explaining import explanation
from api.use_cases.finding import decision_named
from api.use_cases.why_not import why_not
from api.views.decision import order_words
from governance.entries import EntryKind
from governance.joint_counterfactual import MAX_INPUTS
from governance.ports import LogReader
from nodes.vocabulary.errors import EdgeError

AsOfOption = Annotated[
    str | None, typer.Option("--as-of", help="What the log held then, e.g. 2026-11-23T14:30:00Z.", metavar="INSTANT")
]
_MOST_CHANGES = 4


def print_why_not(
    decision: DecisionId = "latest",
    inputs: Annotated[
        int, typer.Option("--inputs", min=1, max=MAX_INPUTS, help="How many inputs may change together.")
    ] = 1,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what stood in the way of an order, and the smallest change of one input that would have let it pass."""
    with log_reader(home) as reader:
        code = ChildProcess(COUNTERFACTUALS)
        found = why_not_view(why_not(reader, decision_named(reader, decision), code, inputs))
    if as_json:
        print_json(found)
    else:
        print_reasons(out(), found)


def print_reasons(console: Console, found: WhyNotView) -> None:
    """Every rule that spoke, with its margin and what would have quieted it."""
    line = found.decision
    asked = order_words(line.proposed_order_shares, line.symbol)
    console.print(Text.assemble((f"{line.verdict}", line.verdict), f": {asked}, as of {line.as_of}"))
    console.print(Text(f"{found.summary}\n"))
    for rule in found.rules:
        _print_rule(console, rule)
    for label, change in (("to act", found.to_act), ("to pass", found.to_pass)):
        if change is not None:
            console.print(Text.assemble((f"{label:<8}", "quiet"), _change_words(change)), soft_wrap=True)
    if found.together is not None:
        then = f"then {found.together.verdict}, {found.together.order_shares:,} shares"
        console.print(Text.assemble(("together", "quiet"), f" {then}, with"))
        for part in found.together.parts:
            console.print(Text(f"         {part.input} {part.recorded.text} -> {part.needed.text}"), soft_wrap=True)
    if found.missing:
        console.print(Text(f"Nothing was searched: {found.missing}"), soft_wrap=True)
    console.print(Text(f"\nEach change is {found.method}.", style="quiet"))
    for venue in found.venues:
        console.print(Text.assemble((f"{venue.venue:<15}", "quiet"), venue.reason), soft_wrap=True)


def _print_rule(console: Console, rule: BindingRuleView) -> None:
    head = Text.assemble((f"{rule.verdict:<7}", rule.verdict), (rule.rule, "bold"), f": {rule.because}")
    console.print(head, soft_wrap=True)
    for margin in rule.margins:
        short = "" if margin.margin is None else f", margin {margin.margin.text}"
        console.print(Text(f"       {margin.comparison}: {margin.value.text} against {margin.limit_value.text}{short}"))
    for change in rule.changes[:_MOST_CHANGES]:
        console.print(Text.assemble("       ", _change_words(change)), soft_wrap=True)
    for name, why in rule.absent.items():
        console.print(Text(f"       {name} is {why}"), soft_wrap=True)


def _change_words(change: ChangeView) -> str:
    then = f"then {change.verdict}, {change.order_shares:,} shares"
    return f"{change.input} {change.recorded.text} -> {change.needed.text} (not yet at {change.fails_at.text}): {then}"


def explain(
    symbol: Annotated[str, typer.Argument(help="A share, e.g. AAPL.")],
    account: Annotated[
        str | None, typer.Option("--account", help="For whom; the account of the newest plan if left out.")
    ] = None,
    as_of: AsOfOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what became of a symbol and why: its plan, what made its score, its newest decision, what would change it."""
    with log_reader(home) as reader:
        found = explanation(reader, symbol, account or _newest_account(reader), asked_instant(as_of, "--as-of"))
        code = ChildProcess(COUNTERFACTUALS)
        view = explanation_view(found, None if found.decision is None else why_not(reader, found.decision, code))
    if as_json:
        print_json(view)
    else:
        _print_explanation(out(), view)


def _newest_account(reader: LogReader) -> str:
    newest = reader.newest(EntryKind.PLAN, 1)
    if not newest:
        message = (
            "the log holds no day plan yet; run a session first, e.g. with `assay demo` or `assay session advance`"
        )
        raise EdgeError(message, reason="not-found")
    return str(newest[0].entry.facts["account_id"])


def _print_explanation(console: Console, found: ExplanationView) -> None:
    row = found.plan_row
    console.print(Text(found.headline, style="bold"))
    wanted = ("target_weight_frac", "composite_score", "close_price_usd", "proposed_order_shares")
    print_facts(console, {name: row.fields[name].text for name in wanted if name in row.fields})
    if row.rank is not None:
        console.print(Text(f"\nRank {row.rank} of {row.n_ranked} by score, made of", style="quiet"))
        for part in row.score_parts:
            words = f"{part.value.text}, {part.z_score.text} deviations, weight {part.weight.text}"
            console.print(Text(f"  {part.contribution.text:>7}  {part.feature} ({words})"))
    for reason in found.reasons:
        console.print(Text.assemble("\n", (f"{reason.verdict:<7}", reason.verdict), reason.expert), soft_wrap=True)
        console.print(Text(f"       {reason.beginner}", style="italic"), soft_wrap=True)
    if found.decision is not None and found.counterfactual is not None:
        console.print(Text(f"\nNewest decision, as of {found.decision.as_of}: {found.counterfactual.summary}"))
        console.print(Text.assemble("Look closer: ", (f"assay why-not {found.decision.decision_id[:12]}", "id")))
