"""`assay model list, show, trials, card, memo, promote, approve, withdraw, advance, rollback, retire`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from api.bootstrap import open_models
from api.cli.edge import NO
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, chosen, log_reader
from api.cli.writing import write_file
from api.log_parts import require_log
from api.use_cases.incidents import model_postmortem
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_log import model_log
from api.use_cases.model_reading import FamilyView, ModelView, card, families, family_view, memo, model_view, trials
from api.use_cases.model_work import Asked, ModelOutcome
from api.use_cases.promotions import (
    approved_promotion,
    moved_model,
    proposed_promotion,
    rolled_back_model,
    withdrawn_promotion,
)
from governance.models import Stage
from governance.papers import Paper
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text

app = typer.Typer(help="Look at models, promote them, take them back.", no_args_is_help=True)

FamilyArgument = Annotated[str, typer.Argument(help="A model family.", metavar="FAMILY", show_default=False)]
VersionOption = Annotated[
    int | None, typer.Option("--version", "-v", help="Its number.", metavar="N", show_default="the newest")
]
WhoOption = Annotated[
    str | None, typer.Option("--as", help="Who does it.", metavar="NAME", show_default="ASSAY_PRINCIPAL")
]
WhyOption = Annotated[str, typer.Option("--why", help="Why, in words; the log keeps them.", metavar="TEXT")]
OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where to write it.", metavar="FILE", show_default="the terminal")
]
_MOST_TRIALS = 1_000
_KEPT_OUT = ("denied", "held")


class PaperForm(Enum):
    """How a card is written."""

    MARKDOWN = "markdown"
    HTML = "html"


class EarlyStage(Enum):
    """Where a version can be moved by hand."""

    SHADOW = "shadow"
    CHALLENGER = "challenger"


@app.command("list")
def list_models(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List every version of every family, newest first."""
    with log_reader(home) as reader:
        found = families(reader)
    if as_json:
        print_json([family_facts(family) for family in found])
        return
    console = out()
    for family in found:
        console.print(Text.assemble((family.family, "bold"), f"  {family.n_trials} trials counted"))
        if family.versions:
            console.print(_versions_table(family))


@app.command()
def show(
    family: FamilyArgument, version: VersionOption = None, home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show one version: its stage, its figures, and the digests that lead to data, code, policy and trials."""
    with log_reader(home) as reader:
        found = model_view(reader, family, version or _newest(family_view(reader, family)))
    facts = version_facts(found)
    if as_json:
        print_json(facts)
    else:
        print_facts(out(), {name: value for name, value in facts.items() if name != "evidence"} | facts["evidence"])


@app.command("trials")
def list_trials(
    family: FamilyArgument,
    after: Annotated[int, typer.Option("--after", help="Begin after this number.", metavar="N")] = 0,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was tried for a family: the count that deflates its figures is read from here."""
    with log_reader(home) as reader:
        found = trials(reader, family, after, _MOST_TRIALS)
    if as_json:
        print_json([{**vars(each), "trial_digest": digest_text(each.trial_digest)} for each in found])
        return
    table = Table(box=None, header_style="quiet")
    for name in ("trial", "study", "recorded", "digest"):
        table.add_column(name)
    for each in found:
        digest = digest_text(each.trial_digest)
        table.add_row(str(each.number), Text(each.study), instant_text(each.recorded_at), digest)
    out().print(table)


@app.command("card")
def print_card(
    family: FamilyArgument,
    version: VersionOption = None,
    form: Annotated[PaperForm, typer.Option("--form", help="How it is written.")] = PaperForm.MARKDOWN,
    output: OutputOption = None,
    home: HomeOption = None,
) -> None:
    """Print the model card of a version, generated from the registry."""
    with log_reader(home) as reader:
        found = card(reader, family, version or _newest(family_view(reader, family)))
    write_paper(found, form, output)


@app.command()
def postmortem(
    family: FamilyArgument,
    form: Annotated[PaperForm, typer.Option("--form", help="How it is written.")] = PaperForm.MARKDOWN,
    output: OutputOption = None,
    home: HomeOption = None,
) -> None:
    """Write up the newest rollback of a family, from the log's timeline."""
    with log_reader(home) as reader:
        found = model_postmortem(reader, family)
    write_paper(found, form, output)


@app.command("memo")
def print_memo(
    family: FamilyArgument, version: VersionOption = None, output: OutputOption = None, home: HomeOption = None
) -> None:
    """Print the signed deployment memo of a version that is or was champion."""
    with log_reader(home) as reader:
        found = memo(reader, family, version or _newest(family_view(reader, family)))
    _write(found.decode(), output)


@app.command()
def promote(
    family: FamilyArgument,
    why: WhyOption = "",
    version: VersionOption = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Propose a challenger for champion. Exits with 1 when the gate does not let it in."""
    _changed(proposed_promotion, family, version, (why, principal, home, as_json))


@app.command()
def approve(
    family: FamilyArgument,
    why: WhyOption = "",
    version: VersionOption = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a proposed version in: someone else than its proposer. Exits with 1 when the gate has shut meanwhile."""
    _changed(approved_promotion, family, version, (why, principal, home, as_json))


@app.command()
def withdraw(
    family: FamilyArgument,
    why: WhyOption = "",
    version: VersionOption = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a proposal back, or reject it."""
    _changed(withdrawn_promotion, family, version, (why, principal, home, as_json))


@app.command()
def advance(
    family: FamilyArgument,
    stage: Annotated[EarlyStage, typer.Option("--to", help="Where it goes.")],
    why: WhyOption = "",
    version: VersionOption = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Move a version on: a candidate to shadow, a shadow to challenger."""
    _changed(_mover(Stage(stage.value)), family, version, (why, principal, home, as_json))


@app.command()
def retire(
    family: FamilyArgument,
    why: WhyOption = "",
    version: VersionOption = None,
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """End a version's time. A champion that is retired leaves its place empty; to go back, use rollback."""
    _changed(_mover(Stage.RETIRED), family, version, (why, principal, home, as_json))


@app.command()
def rollback(
    family: FamilyArgument,
    to: Annotated[
        int | None, typer.Option("--to", help="Version to go back to.", metavar="N", show_default="the one before")
    ] = None,
    why: WhyOption = "",
    principal: WhoOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an earlier champion champion again, at once: every worker learns of it with its next append."""
    with _desk(home) as (desk, by_default):
        with desk.store.reader() as reader:
            version = to or model_log(reader, family).previous
        if version is None:
            message = f"model family {family!r} has no champion before this one; retire it, or name one with --to"
            raise EdgeError(message, reason="not-found")
        outcome = rolled_back_model(desk, Asked(family, version, principal or by_default, why))
    print_outcome(outcome, as_json=as_json)


def _mover(stage: Stage) -> Callable[[ModelDesk, Asked], ModelOutcome]:
    return lambda desk, asked: moved_model(desk, asked, stage)


_Options = tuple[str, str | None, Path | None, bool]


def _changed(
    change: Callable[[ModelDesk, Asked], ModelOutcome], family: str, version: int | None, options: _Options
) -> None:
    why, principal, home, as_json = options
    with _desk(home) as (desk, by_default):
        with desk.store.reader() as reader:
            number = version or _newest(family_view(reader, family))
        outcome = change(desk, Asked(family, number, principal or by_default, why))
    print_outcome(outcome, as_json=as_json)


@contextmanager
def _desk(home: Path | None) -> Iterator[tuple[ModelDesk, str]]:
    """A desk on the log of a home that has one, and who asks by default."""
    settings = chosen(home)
    require_log(settings)
    with open_models(settings) as desk:
        yield desk, settings.principal


def print_outcome(outcome: ModelOutcome, *, as_json: bool, is_question: bool = True) -> None:
    """Say what became of a request; when it was a question, a version that was kept out is an answer of no."""
    facts = outcome_facts(outcome)
    if as_json:
        print_json(facts)
    else:
        style = "deny" if outcome.state in _KEPT_OUT else "bold"
        console = out()
        console.print(
            Text.assemble(
                f"{outcome.family} v{outcome.version}: ", (outcome.state, style), f", entry {outcome.sequence}"
            )
        )
        for reason in outcome.reasons:
            console.print(Text(f"  {reason}"), soft_wrap=True)
    if is_question and outcome.state in _KEPT_OUT:
        raise typer.Exit(NO)


def outcome_facts(outcome: ModelOutcome) -> dict[str, Any]:
    """What became of a request, as data."""
    return {
        "state": outcome.state,
        "family": outcome.family,
        "version": outcome.version,
        "entry": outcome.sequence,
        "reasons": outcome.reasons,
        "champion": outcome.champion,
        "memo": None if outcome.memo_ref is None else digest_text(outcome.memo_ref),
    }


def version_facts(found: ModelView) -> dict[str, Any]:
    """A version as data."""
    row = found.row
    names = ("model", "artefact", "data", "code", "policy", "trials")
    return {
        "family": row.family,
        "version": row.version,
        "stage": found.stage.stage,
        "stage_entry": found.stage.sequence,
        "waits_for_approval": found.waits,
        "registered_at": instant_text(found.created_at),
        "entry": row.sequence,
        "n_trials": row.n_trials,
        "features": found.features,
        **{f"{name}_digest": digest_text(getattr(row, f"{name}_digest")) for name in names},
        "evidence": dict(found.evidence),
    }


def family_facts(found: FamilyView) -> dict[str, Any]:
    """A family as data."""
    return {
        "family": found.family,
        "n_trials": found.n_trials,
        "trials_digest": None if found.trials_digest is None else digest_text(found.trials_digest),
        "champion": found.champion,
        "versions": [version_facts(version) for version in found.versions],
    }


def _versions_table(family: FamilyView) -> Table:
    table = Table(box=None, header_style="quiet")
    for name in ("version", "stage", "SPA p", "DSR", "PBO", "trials", "registered", "digest"):
        table.add_column(name)
    for view in family.versions:
        figures = (view.evidence.get(name) for name in ("spa_p_frac", "dsr_frac", "pbo_frac"))
        stage = f"{view.stage.stage}, waits for a second person" if view.waits else view.stage.stage
        table.add_row(
            f"v{view.row.version}",
            Text(stage, style="gold" if view.stage.stage == Stage.CHAMPION.value else ""),
            *("-" if figure is None else f"{figure:.3f}" for figure in figures),
            str(view.row.n_trials),
            instant_text(view.created_at),
            digest_text(view.row.model_digest)[:19],
        )
    return table


def _newest(family: FamilyView) -> int:
    if not family.versions:
        message = f"model family {family.family!r} has trials and no version yet; run its research to the end"
        raise EdgeError(message, reason="not-found")
    return family.versions[0].row.version


def write_paper(paper: Paper, form: PaperForm, output: Path | None) -> None:
    """Write a paper where a person said, or to the terminal."""
    _write(paper.html if form is PaperForm.HTML else paper.markdown, output)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        typer.echo(text, nl=not text.endswith("\n"))
    else:
        write_file(output, text.encode())
