"""`assay research`: from a research policy to a registered model, with the report that says whether it is luck."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.sql.job_rows import Job
from adapters.sql.jobs import JobBox
from api.cli.output import JsonOption, out, print_facts, print_json
from api.cli.place import HomeOption, LakeOption, chosen
from api.cli.progress import progress
from api.cli.writing import write_file
from api.research_parts import job_box, research_work
from api.settings import Settings
from api.use_cases.jobs import done_job
from api.use_cases.policies import file_bytes
from api.use_cases.research_jobs import KIND, REPORT, ResearchAsked, ResearchResult, asked_research
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text

app = typer.Typer(no_args_is_help=True, help="Research runs: labels, folds, trials, evidence, the gates' verdict.")

MAX_WORKERS = 64
_STYLES = {"luck": "fails", "undecided": "fails", "held": "review", "significant": "pass"}
JobArgument = Annotated[str, typer.Argument(help="A job, or `latest`.", metavar="JOB", show_default=False)]
WorkersOption = Annotated[
    int | None,
    typer.Option("--workers", min=1, max=MAX_WORKERS, help="Processes that fit.", show_default="one a core"),
]


@app.command()
def run(
    policy: Annotated[Path, typer.Argument(help="A research policy.", metavar="POLICY", show_default=False)],
    home: HomeOption = None,
    lake: LakeOption = None,
    workers: WorkersOption = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where the report goes.", metavar="FILE", show_default="in the home"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run a study. One that was interrupted goes on where it was: what was fitted is not fitted again."""
    settings = with_lake(chosen(home), lake)
    result, report = finished_research(settings, policy, workers, output)
    if as_json:
        print_json({"result": result, "report": str(report)})
    else:
        print_result(out(), result, report)


@app.command()
def report(job: JobArgument, output: Annotated[
    Path, typer.Option("--output", "-o", help="Where to write it.", metavar="FILE")
] = Path("research.html"), home: HomeOption = None) -> None:  # fmt: skip
    """Write the report of a research job that is done."""
    with job_box(chosen(home)) as box:
        found = _job(box, job)
        page = box.part(found.job_id, REPORT)
    if page is None:
        message = f"job {found.job_id} is {found.state.value} and has no report yet; run it to its end first"
        raise EdgeError(message)
    write_file(output, page)
    out().print(f"The report of {found.job_id} is {output}.", soft_wrap=True)


@app.command("jobs")
def list_jobs(
    home: HomeOption = None,
    count: Annotated[int, typer.Option("--count", min=1, help="How many of the newest.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """The newest jobs."""
    with job_box(chosen(home)) as box:
        jobs = box.newest(count)
    if as_json:
        print_json([plain_job(job) for job in jobs])
        return
    table = Table(box=None, pad_edge=False)
    for column in ("job", "kind", "state", "doing", "by", "since"):
        table.add_column(column, overflow="fold")
    for job in jobs:
        doing = f"{job.what} {job.done:,} of {job.total:,}"
        table.add_row(
            Text(job.job_id, style="id"), job.kind, job.state.value, doing, job.principal, instant_text(job.made_at)
        )
    out().print(table)


@app.command()
def cancel(job: JobArgument, home: HomeOption = None) -> None:
    """End a job; what it kept is not used again."""
    with job_box(chosen(home)) as box:
        found = box.cancelled(_job(box, job).job_id)
    out().print(f"Job {found.job_id} is {found.state.value}{'' if found.state.is_final else ', and will end'}.")


def with_lake(settings: Settings, lake: Path | None) -> Settings:
    """The settings, with a lake of the command line instead of theirs."""
    return settings if lake is None else replace(settings, lake=lake)


def finished_research(
    settings: Settings, policy: Path, workers: int | None, output: Path | None = None, *, may_be_old: bool = False
) -> tuple[ResearchResult, Path]:
    """A study, done or gone on with, and where its report is.

    Args:
        settings: whose home it is of.
        policy: file of the research policy.
        workers: processes that fit; by default one a core.
        output: where the report goes, by default in the home.
        may_be_old: whether what an earlier run of the same policy came to will do.
    """
    asked = ResearchAsked(file_bytes(policy).decode(errors="replace"), policy.name)
    with job_box(settings) as box, progress() as told:
        done = box.finished(KIND, msgspec.json.encode(asked)) if may_be_old else None
        if done is None:
            job = asked_research(box, asked, settings.principal)
            done = done_job(box, job, research_work(settings, workers or os.cpu_count() or 1), told)
        page = box.part(done.job_id, REPORT)
    place = output or settings.home / "research" / f"{done.job_id}.html"
    place.parent.mkdir(parents=True, exist_ok=True)
    write_file(place, page or b"")
    return msgspec.json.decode(done.result or b"", type=ResearchResult), place


def print_result(console: Console, result: ResearchResult, report: Path) -> None:
    """What a study came to, for a person."""
    console.print(Text(result.headline, style=_STYLES[result.verdict]))
    console.print(result.sentence)
    facts = {
        "model": result.model,
        "gates": result.action,
        "trials counted": f"{result.n_trials:,}",
        "fits": f"{result.n_fits:,}",
        **{name: f"{value:.4g}" for name, value in sorted(result.figures.items())},
        "report": str(report),
    }
    print_facts(console, facts)


def plain_job(job: Job) -> dict[str, Any]:
    """A job for programs."""
    return {
        "job_id": job.job_id,
        "kind": job.kind,
        "state": job.state.value,
        "what": job.what,
        "done": job.done,
        "total": job.total,
        "principal": job.principal,
        "made_at": job.made_at,
        "changed_at": job.changed_at,
        "because": job.because,
    }


def _job(box: JobBox, named: str) -> Job:
    if named != "latest":
        return box.job(named)
    newest = box.newest(1)
    if not newest:
        message = "no job was ever asked for here; run a study with `assay research run POLICY`"
        raise EdgeError(message)
    return newest[0]
