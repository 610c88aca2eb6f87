from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture(scope="module")
def clipped_id(home: str) -> str:
    rows = json_answer("decisions", "--verdict", "clip", "--home", home)
    return str(rows[-1]["decision_id"])


def test_decisions_are_listed_newest_first(home: str) -> None:
    rows = json_answer("decisions", "--home", home)
    assert [row["sequence"] for row in rows] == sorted((row["sequence"] for row in rows), reverse=True)


def test_decisions_are_listed_by_symbol_verdict_and_rule(home: str) -> None:
    ibm = json_answer("decisions", "--symbol", "IBM", "--home", home)
    assert {row["symbol"] for row in ibm} == {"IBM"}
    notional = json_answer("decisions", "--rule", "notional", "--latest", "1", "--home", home)
    assert len(notional) == 1
    assert "notional" in notional[0]["reasons"]


def test_a_list_of_nothing_says_so(home: str) -> None:
    assert "No decision is like that." in answer("decisions", "--symbol", "NONE", "--home", home)


def test_the_table_of_decisions_fits_eighty_columns(home: str) -> None:
    table = answer("decisions", "--home", home)
    assert max(map(len, table.splitlines())) <= 80
    assert "clip" in table


def test_a_decision_is_shown_with_reasons_both_truth_tables_values_and_digests(home: str, clipped_id: str) -> None:
    shown = " ".join(answer("trace", "show", clipped_id, "--home", home).split())
    assert "Cut to size: buy" in shown
    assert "notional: order of" in shown
    assert "✕ fails ✓ holds clip" in shown
    assert "composite_score" in shown
    assert "sha256:" in shown
    assert clipped_id in shown


def test_the_beginning_of_an_id_is_enough(home: str, clipped_id: str) -> None:
    assert json_answer("trace", "show", clipped_id[:10].upper(), "--home", home)["decision_id"] == clipped_id


def test_a_view_for_programs_holds_every_node_and_rule(home: str, clipped_id: str) -> None:
    view = json_answer("trace", "show", clipped_id, "--home", home)
    keys = {node["key"] for node in view["nodes"]}
    assert {"session.panel", "session.target_weight_frac", "order.participation_frac", "order.decision"} <= keys
    assert all(key in keys for node in view["nodes"] for key in node["reads"])
    assert {rule["rule_id"] for rule in view["rules"]} >= {"notional", "participation", "kill-switch"}


def test_what_happened_later_is_told_apart(home: str, clipped_id: str) -> None:
    later = json_answer("trace", "show", clipped_id, "--home", home)["later"]
    assert any("bought" in sentence for _, sentence in later)


def test_a_node_is_shown_with_what_it_was_computed_from(home: str, clipped_id: str) -> None:
    tree = answer("trace", "show", clipped_id, "--node", "participation_frac", "--home", home)
    lines = [line.strip("│├└─ ") for line in tree.splitlines()]
    assert lines[0].startswith("participation_frac = ")
    assert any(line.startswith("panel = archived") for line in lines)


def test_an_unknown_node_is_refused(home: str) -> None:
    result = invoked("trace", "show", "latest", "--node", "nobody", "--home", home)
    assert result.exit_code == 14
    assert "has no node 'nobody'" in result.stderr


@pytest.mark.parametrize(
    ("name", "said"), [("zz", "'zz' is no decision id"), ("", "list them"), ("0" * 64, "no decision begins with")]
)
def test_an_id_that_names_nothing_is_refused_with_the_mend(home: str, name: str, said: str) -> None:
    result = invoked("trace", "show", name, "--home", home)
    assert result.exit_code == 14
    assert said in result.stderr or "is no decision id" in result.stderr


def test_a_page_is_written_where_one_says(home: str, clipped_id: str, tmp_path: Path) -> None:
    target = tmp_path / "new" / "page.html"
    said = answer("trace", "page", clipped_id, "-o", str(target), "--home", home)
    assert str(target) in said
    assert clipped_id in target.read_text(encoding="utf-8")


def test_a_page_goes_to_standard_output_alone_when_asked(home: str, clipped_id: str, tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    answer("trace", "page", clipped_id, "-o", str(target), "--home", home)
    assert answer("trace", "page", clipped_id, "-o", "-", "--home", home) == target.read_text(encoding="utf-8")


def test_a_page_that_cannot_be_written_says_so(home: str, tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("", encoding="utf-8")
    result = invoked("trace", "page", "latest", "-o", str(occupied / "page.html"), "--home", home)
    assert result.exit_code == 14
    assert "name another place with --output" in result.stderr


def test_a_home_without_a_log_names_the_mend(tmp_path: Path) -> None:
    result = invoked("decisions", "--home", str(tmp_path))
    assert result.exit_code == 14
    assert "assay demo" in result.stderr
