"""`assay run` and `assay demo`: the main job, with progress and its closing table."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from api.bootstrap import chosen_lake, open_desk
from api.cli.edge import NO
from api.cli.job_text import print_job
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.cli.progress import progress
from api.cli.research import finished_research
from api.research_parts import SHIPPED_STUDY
from api.settings import Settings
from api.use_cases.main_job import JobResult, main_job, require_known_account
from api.use_cases.research_jobs import ResearchResult
from nodes.vocabulary.canonical import digest_text

DEMO_HOME = Path("var/demo")
DEMO_ORIGIN = "research/demo"

_DAY = ["%Y-%m-%d"]
FirstOption = Annotated[datetime | None, typer.Option("--from", formats=_DAY, metavar="DATE", help="First session.")]
LastOption = Annotated[datetime | None, typer.Option("--to", formats=_DAY, metavar="DATE", help="Last session.")]
LakeOption = Annotated[
    Path | None, typer.Option("--lake", help="Folder of imported facts to decide on.", metavar="FOLDER")
]
UniverseOption = Annotated[str | None, typer.Option("--universe", help="Symbols of the lake, e.g. AAPL,IBM.")]
ReplaysOption = Annotated[int, typer.Option("--replays", min=0, help="How many decisions and sessions to replay.")]


@dataclass(frozen=True)
class SpanOptions:
    """Which sessions are decided."""

    first: FirstOption = None
    last: LastOption = None


@dataclass(frozen=True)
class DataOptions:
    """Which data they are decided on."""

    lake: LakeOption = None
    universe: UniverseOption = None
    universe_on: Annotated[
        datetime | None,
        typer.Option("--universe-on", formats=_DAY, metavar="DATE", help="When the symbols named these securities."),
    ] = None

    def on_lake(self, settings: Settings) -> Settings:
        """The settings, with what the command line says of the data instead."""
        names = settings.universe
        if self.universe is not None:
            names = tuple(name.strip() for name in self.universe.split(","))
        on = _on(self.universe_on) or settings.universe_on
        return replace(settings, lake=self.lake or settings.lake, universe=names, universe_on=on)


@grouped
def run(
    span: SpanOptions,
    data: DataOptions,
    policy: Annotated[Path | None, typer.Option("--policy", help="The policy that decides.", metavar="FILE")] = None,
    home: HomeOption = None,
    origin: Annotated[str | None, typer.Option("--origin", help="Name of the log, e.g. research/mine.")] = None,
    replays: ReplaysOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Decide every session in turn, then sign a checkpoint, verify the log and replay a sample."""
    settings = data.on_lake(chosen(home, origin))
    result = job_result(settings, policy, _on(span.first) or settings.first_on, _on(span.last), replays)
    answer(result, settings, as_json=as_json)


def demo(
    home: HomeOption = None,
    last: LastOption = None,
    replays: ReplaysOption = 20,
    with_research: Annotated[
        bool, typer.Option("--research/--no-research", help="Train a model too, and ask the gates about it.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Run the main job on the bundled real data with the shipped policy, into var/demo; and a small study."""
    settings = chosen(home or DEMO_HOME, DEMO_ORIGIN)
    study = finished_research(settings, SHIPPED_STUDY, None, may_be_old=True) if with_research else None
    answer(job_result(settings, None, settings.first_on, _on(last), replays), settings, study, as_json=as_json)


def _on(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def job_result(
    settings: Settings, policy: Path | None, first_on: date, last_on: date | None, n_replays: int
) -> JobResult:
    """The main job, done, with progress."""
    lake = chosen_lake(settings)
    sessions = lake.sessions(first_on, last_on)  # asked before a log is begun for them
    with open_desk(settings, policy, lake) as opened, progress() as told:
        require_known_account(opened.desk, may_open=settings.account_id in settings.accounts)
        return main_job(opened.desk, opened.folder, sessions, n_replays, told)


def answer(
    result: JobResult, settings: Settings, study: tuple[ResearchResult, Path] | None = None, *, as_json: bool
) -> None:
    """Print what the job came to. Raises typer.Exit when the log does not verify or a replay diverged."""
    if as_json:
        print_json({**plain_job(result), **({} if study is None else {"research": study[0]})})
    else:
        print_job(out(), result, str(settings.home), study)
    if not result.verification.is_intact or not all(report.is_identical for report in result.replays):
        raise typer.Exit(NO)


def plain_job(result: JobResult) -> dict[str, Any]:
    """The job for programs."""
    summary = result.summary
    tallies = {
        name: {tally.label: tally.n_orders for tally in getattr(summary, name)} for name in ("verdicts", "reasons")
    }
    return {
        "origin": summary.origin,
        "policy": summary.policy,
        "first_on": summary.first_on,
        "last_on": summary.last_on,
        "n_sessions": summary.n_sessions,
        "n_entries": summary.n_entries,
        "n_decisions": summary.n_decisions,
        **tallies,
        "fills": summary.fills,
        "equity_usd": summary.account.equity_usd,
        "return_frac": summary.return_frac,
        "index_return_frac": summary.index_return_frac,
        "max_drawdown_frac": summary.max_drawdown_frac,
        "index_drawdown_frac": summary.index_drawdown_frac,
        "turnover_frac": summary.turnover_frac,
        "timing": result.timing,
        "checkpoint": {"size": result.checkpoint.size, "root": digest_text(result.checkpoint.root)},
        "findings": result.verification.findings,
        "replays": [report.outcome.value for report in result.replays],
        "log_bytes": result.log_bytes,
    }
