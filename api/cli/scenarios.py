"""`assay scenario list, run`: the live policy through what was and what might be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption, chosen
from api.cli.progress import progress
from api.cli.running import DataOptions
from api.cli.scenario_text import print_scenario, print_scenarios
from api.pages.scenario_page import scenario_page
from api.scenario_parts import FolderBench, named_scenario, scenario_request
from api.use_cases.scenarios import scenario_report
from policies.scenario import shipped_scenarios

app = typer.Typer(help="The live policy through crises, shocks and droughts.", no_args_is_help=True)


@dataclass(frozen=True)
class RunOptions:
    """How a scenario is run, and where its report goes."""

    policy: Annotated[
        Path | None,
        typer.Option("--policy", help="The policy that trades.", metavar="FILE", show_default="the live one"),
    ] = None
    by_rule: Annotated[
        bool, typer.Option("--by-rule/--together", help="Ask of each guardrail apart what it saved or cost.")
    ] = True
    keep: Annotated[
        Path | None, typer.Option("--keep", help="Folder in which the log of the run stays.", metavar="FOLDER")
    ] = None
    page: Annotated[Path | None, typer.Option("--page", help="Write the report as a page.", metavar="FILE")] = None


@app.command("list")
def list_scenarios(as_json: JsonOption = False) -> None:
    """List the scenarios that come with Assay."""
    found = shipped_scenarios()
    if as_json:
        print_json([each.model_dump(mode="json", by_alias=True) for each in found])
    else:
        print_scenarios(out(), found)


@app.command("run")
@grouped
def run_scenario(
    name: Annotated[str, typer.Argument(help="A scenario, or a YAML file of your own.", metavar="NAME")],
    data: DataOptions,
    how: RunOptions,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a scenario, and say which guardrail fired when and what it saved or cost."""
    settings = data.on_lake(chosen(home))
    request = scenario_request(settings, named_scenario(name), how.policy, by_rule=how.by_rule)
    with progress() as told:
        report = scenario_report(request, FolderBench(settings, how.keep), told)
    if how.page is not None:
        how.page.write_text(scenario_page(report), encoding="utf-8")
    if as_json:
        print_json(report)
    else:
        print_scenario(out(), report)
