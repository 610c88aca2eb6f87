"""`assay sentiment`: train and measure models of tone, score the lake's texts, and show what days come to."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from api.bootstrap import fact_store, shell_clock
from api.cli.facts import AsOfOption
from api.cli.market import plain_table
from api.cli.output import JsonOption, err, out, print_json
from api.cli.place import LakeOption, chosen
from api.cli.progress import progress
from api.use_cases.fundamentals import as_of_from_text
from api.use_cases.sentiment import (
    Grouping,
    evaluation,
    read_text,
    scored_lake,
    sentiment_days,
    serving,
    trained,
)

LabelsOption = Annotated[
    Path,
    typer.Option("--labels", help="CSV or Parquet: sentence, target, sentiment from -1 to 1.", metavar="FILE"),
]
KnownOption = Annotated[
    str | None,
    typer.Option("--labels-known-at", help="By when the labels were known: a day or an instant.", show_default="now"),
]
HeadOption = Annotated[
    Path | None,
    typer.Option("--head", help="A head that train wrote.", metavar="FILE", show_default="the lexicon"),
]

app = typer.Typer(no_args_is_help=True, help="Read the tone of texts: train, evaluate, score, show.")


@app.command("train")
def train(
    labels: LabelsOption,
    head: Annotated[Path, typer.Option("--out", help="The head's new file.", metavar="FILE")],
    name: Annotated[str, typer.Option("--name", help="The head's name.")] = "head",
    known_at: KnownOption = None,
    as_json: JsonOption = False,
) -> None:
    """Train a head on labelled headlines. The file that it writes is JSON with a digest, and holds no headline."""
    made = trained(labels, head, name, as_of_from_text(known_at, shell_clock()))
    if as_json:
        print_json({"model": made.model, "digest": made.digest, "labels_known_at": made.labels_known_at})
        return
    out().print(Text(f"{head}: {made.model}"))
    out().print(f"{made.n_positive} positive and {made.n_negative} negative labels, penalty 1/{made.inverse_penalty:g}")
    out().print(Text(f"Texts known before {made.labels_known_at} are scored as {made.model}+hindsight."))


@app.command("evaluate")
def evaluate(
    labels: LabelsOption,
    by: Annotated[Grouping, typer.Option("--by", help="What never sits in two folds.")] = Grouping.HEADLINE,
    as_json: JsonOption = False,
) -> None:
    """Measure head and lexicon on labelled headlines: the head on folds whose headlines it has not seen."""
    with progress() as told:
        found = evaluation(labels, by, shell_clock(), told)
    if as_json:
        print_json(asdict(found))
        return
    table = plain_table("model", "accuracy", "F1 positive", "F1 negative", "macro F1", "answered")
    for one in found.measures:
        shares = (one.accuracy_frac, one.f1_frac, one.f1_negative_frac, one.macro_f1_frac, one.answered_frac)
        table.add_row(one.model, *(f"{share:.1%}" for share in shares))
    out().print(table)
    out().print(
        f"{found.n_labels} labels in {found.n_groups} groups by {by.value}, 5 folds; {found.n_neutral} neutral left out"
    )
    _warn(found.because)


@app.command("score")
def score(head: HeadOption = None, lake: LakeOption = None, as_json: JsonOption = False) -> None:
    """Score every text of the lake that the model has not scored; run it again as often as you like."""
    served = serving(head)
    with progress() as told:
        done = scored_lake(fact_store(chosen(None), lake), served, shell_clock(), told)
    if as_json:
        print_json(asdict(done) | {"because": served.because})
        return
    out().print(Text(f"{done.model}: {done.n_new:,} new scores of {done.n_revisions:,} texts"))
    counts = {
        "read with hindsight": done.n_hindsight,
        "without a word of tone": done.n_without_tone,
        "without a share": done.n_without_symbol,
    }
    for words, count in counts.items():
        if count:
            out().print(f"  {count:,} {words}")
    _warn(served.because)


@app.command("read")
def read(
    text: Annotated[str, typer.Argument(help="A headline.")], head: HeadOption = None, as_json: JsonOption = False
) -> None:
    """Read the tone of one text."""
    found = read_text(serving(head), text)
    if as_json:
        print_json(asdict(found))
        return
    tone = "nothing" if found.reading.score is None else f"{found.reading.score:+.3f}"
    out().print(Text(f"{tone} by {found.model}"))
    _warn(found.because)


@app.command("days")
def days(
    symbol: Annotated[str, typer.Argument(help="Ticker of the share.")],
    model: Annotated[str | None, typer.Option("--model", help="Whose scores.", show_default="the lexicon")] = None,
    as_of: AsOfOption = None,
    lake: LakeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what each session's texts about a share come to, as it was known."""
    known_at = as_of_from_text(as_of, shell_clock())
    found = sentiment_days(fact_store(chosen(None), lake), symbol, model, known_at)
    if as_json:
        print_json(found.to_dicts())
        return
    table = plain_table("session", "channel", "texts", "scored", "mean", "dispersion", "negative")
    for row in found.iter_rows(named=True):
        shown = (_number(row["mean_score"], "+.3f"), _number(row["dispersion_score"], ".3f"))
        counts = (str(row["texts_count"]), str(row["scored_count"]))
        table.add_row(str(row["session_on"]), row["channel"], *counts, *shown, _number(row["negative_frac"], ".0%"))
    out().print(table)


def _number(value: float | None, form: str) -> str:
    """A cell; what is not known is a dash, never a zero."""
    return "-" if value is None else format(value, form)


def _warn(because: str) -> None:
    if because:
        err().print(Text(because), style="warn", soft_wrap=True)
