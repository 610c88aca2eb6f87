from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer

Job = tuple[Path, str, str]


def test_a_run_ends_with_a_table_of_orders_money_and_proof(job_output: Job) -> None:
    _, table, _ = job_output
    assert "4 sessions from 2005-01-03 to 2005-01-06" in table
    for title in ("Orders", "Objections", "Money", "Work and proof", "Look closer"):
        assert f"\n{title}\n" in table
    assert "intact: " in table
    assert "2 identical" in table


def test_the_table_fits_eighty_columns_but_for_what_one_copies(job_output: Job) -> None:
    _, table, _ = job_output
    shown = table.partition("Look closer")[0]
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_a_piped_run_has_no_colour_and_tells_its_progress_apart(job_output: Job) -> None:
    _, table, told = job_output
    assert "\x1b" not in table
    assert "sessions: 4 of 4" in told
    assert "sessions: 4 of 4" not in table


def test_the_commands_to_look_closer_work_as_printed(job_output: Job) -> None:
    _, table, _ = job_output
    commands = [line.split("   ")[0].split()[1:] for line in table.splitlines() if line.startswith("  assay ")]
    assert len(commands) == 5
    for command in commands:
        if "page" not in command:
            assert answer(*command)


def test_a_run_that_has_nothing_left_to_do_says_so(home: str) -> None:
    table = answer("run", "--to", "2005-01-06", "--replays", "1", "--home", home)
    assert "nothing was left to decide" in table


def test_a_run_answers_programs_with_data(home: str) -> None:
    job = json_answer("run", "--to", "2005-01-06", "--replays", "1", "--home", home)
    assert job["n_sessions"] == 4
    assert job["n_decisions"] == sum(job["verdicts"].values()) > 0
    assert job["findings"] == []
    assert set(job["replays"]) == {"identical"}


def test_the_demo_is_a_run_of_the_shipped_policy_under_its_own_name(tmp_path: Path) -> None:
    home = str(tmp_path / "demo")
    job = json_answer("demo", "--to", "2005-01-03", "--replays", "1", "--no-research", "--home", home)
    assert (job["origin"], job["policy"], job["last_on"]) == ("research/demo", "us-equities v1", "2005-01-03")


def test_a_log_keeps_its_name_and_refuses_another(home: str) -> None:
    result = invoked("run", "--to", "2005-01-06", "--home", home, "--origin", "research/other")
    assert result.exit_code == 14
    assert "expected 'research/other'" in result.stderr


def test_a_run_of_no_session_begins_no_log(tmp_path: Path) -> None:
    result = invoked("run", "--from", "2005-01-01", "--to", "2005-01-02", "--home", str(tmp_path / "new"))
    assert result.exit_code != 0
    assert "no session to decide from 2005-01-01 to 2005-01-02" in result.stderr
    assert not (tmp_path / "new").exists()


def test_a_slip_in_the_name_of_an_account_opens_none(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = str(shutil.copytree(home, tmp_path / "own"))
    monkeypatch.setenv("ASSAY_ACCOUNT_ID", "dmeo")
    arguments = ("run", "--to", "2005-01-21", "--replays", "0", "--home", own)
    refused = invoked(*arguments)
    assert refused.exit_code == 14
    assert "has no account 'dmeo', its newest plan is of 'demo'" in refused.stderr
    monkeypatch.setenv("ASSAY_ACCOUNTS", "paper,dmeo")
    assert invoked(*arguments).exit_code == 0
