from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from api.cli.output import err, json_text, out, print_facts
from tests.api.cli.paper import Paper


@dataclass(frozen=True)
class Answer:
    amount_usd: Decimal
    on: date
    at: datetime
    names: tuple[str, ...]


def test_json_keeps_amounts_exact_and_instants_in_rfc_3339() -> None:
    answer = Answer(Decimal("10.10"), date(2005, 1, 3), datetime(2005, 1, 3, 21, tzinfo=UTC), ("a",))
    assert json.loads(json_text(answer)) == {
        "amount_usd": "10.10",
        "on": "2005-01-03",
        "at": "2005-01-03T21:00:00Z",
        "names": ["a"],
    }


def test_json_of_something_unforeseen_is_its_text() -> None:
    assert json.loads(json_text({"value": Answer})) == {"value": str(Answer)}


def test_answers_and_messages_go_different_ways(capsys: pytest.CaptureFixture[str]) -> None:
    out().print("[bold]answer[/]")
    err().print("message")
    assert capsys.readouterr() == ("answer\n", "message\n")


def test_facts_stand_below_each_other_and_are_never_cut() -> None:
    paper = Paper(width=20)
    print_facts(paper.console, {"a": 1, "long_name": "x" * 40})
    assert paper.text == f"a          1\nlong name  {'x' * 40}\n"
