"""One research run as one HTML page: no other file, no network, no script; for screens and for paper."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from api.pages.hallmark import hallmark
from api.pages.research_figures import equity_plots, luck_figures, model_figures
from api.use_cases.research import Research
from api.views.research import (
    figure_pairs,
    fold_lines,
    gate_rows,
    number_text,
    settings_text,
    trial_lines,
)
from dataflows.research.verdict import verdict
from nodes.vocabulary.canonical import digest_text

_SECURITY = "default-src 'none'; img-src data:; style-src '{}'; base-uri 'none'; form-action 'none'"


def research_page(research: Research) -> str:
    """The page of a research run, complete."""
    style = page_text("trace.css") + page_text("research.css")
    found = verdict(research.plan, research.judgement.run)
    return (
        page_environment()
        .get_template("research.html.jinja")
        .render(
            style=Markup(style),  # noqa: S704  # our own file, named by its digest in the security policy
            security=_SECURITY.format(f"sha256-{b64encode(sha256(style.encode()).digest()).decode()}"),
            research=research,
            hallmark=hallmark(research.model.model_digest.hex()),
            verdict=found,
            facts=_facts(research),
            figures=figure_pairs(research.evidence),
            gates=gate_rows(research.plan, research.judgement.run),
            luck=luck_figures(research),
            model=model_figures(research),
            equity=equity_plots(research),
            trials=trial_lines(research.outcome),
            folds=fold_lines(research.table, research.data, research.outcome),
            settings=settings_text(research.outcome.final.fit.settings),
            digests=_digests(research),
            number_text=number_text,
        )
    )


def _facts(research: Research) -> dict[str, str]:
    samples, market, design = research.table.samples, research.table.market, research.design
    book = design.book
    return {
        "Policy": f"{design.family} v{design.version}",
        "Shares": ", ".join(market.symbols),
        "Samples": f"{len(samples):,}, {research.table.n_incomplete:,} left out for a missing feature",
        "Out of sample": f"{research.outcome.sessions[0]} to {research.outcome.sessions[-1]}",
        "Label": f"{design.label.kind}, {design.label.horizon_sessions} sessions",
        "Folds": f"{research.data.n_folds} {design.folds.kind}, {design.folds.embargo_sessions} sessions of embargo",
        "Book": f"{book.kind}, {book.cost_bps:g} bps each way, {research.outcome.turnover_frac:.1f} turns a year",
        "Trials in the ledger": f"{research.evidence.n_trials:,}",
    }


def _digests(research: Research) -> dict[str, str]:
    model = research.model
    return {
        "Model": digest_text(model.model_digest),
        "Artefact (ONNX)": digest_text(model.artefact_digest),
        "Data": digest_text(model.data_digest),
        "Code": digest_text(model.code_digest),
        "Research policy": digest_text(model.policy_digest),
        "Trials": digest_text(model.trials_digest),
        "Judgement": digest_text(research.judgement.run.trace.digest),
    }


def page_text(name: str) -> str:
    """A template or style sheet of ours."""
    return files("api.pages").joinpath("templates", name).read_text(encoding="utf-8")


def page_environment() -> Environment:
    """What renders our templates, strictly and escaped."""
    return Environment(
        autoescape=True,
        loader=FunctionLoader(page_text),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
