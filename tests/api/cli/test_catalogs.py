from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.cli.invoking import answer, invoked, json_answer


def test_the_catalog_lists_every_node_with_unit_and_meaning() -> None:
    nodes = {node["name"]: node for node in json_answer("catalog")}
    assert nodes["participation_frac"]["unit"] == "Frac"
    assert nodes["participation_frac"]["arguments"] == {"order_size_shares": "Shares", "adv_shares": "Shares"}
    listed = answer("catalog")
    assert all(name in listed for name in nodes)


def test_one_node_is_shown_in_full_with_its_readers() -> None:
    shown = answer("catalog", "participation_frac")
    assert "order_size_shares / adv_shares" in shown
    assert "read by" in shown


def test_an_unknown_node_is_answered_with_the_nearest() -> None:
    result = invoked("catalog", "participation_fra")
    assert result.exit_code == 14
    assert "participation_frac" in result.stderr


def test_a_graph_in_text_names_every_node_once_with_what_it_reads() -> None:
    text = answer("graph", "order")
    lines = [line.strip("│├└─ ") for line in text.splitlines()]
    assert any(line.startswith("participation_frac  Frac  <- order_size_shares, adv_shares") for line in lines)
    assert any("participation_frac <= max_participation_frac" in line for line in lines)


def test_both_dataflows_are_shown_when_none_is_named() -> None:
    text = answer("graph")
    assert "us-equities-session" in text
    assert "us-equities-order" in text


def test_hamiltons_own_drawing_is_given_as_graphviz_source() -> None:
    source = answer("graph", "session", "--format", "dot")
    assert "digraph {" in source
    assert "composite_score" in source


def test_a_drawing_without_the_dot_program_leaves_its_source_and_says_how_to_draw_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = invoked("graph", "order", "--format", "svg", "-o", str(tmp_path / "order.svg"))
    assert result.exit_code == 14
    assert "apt-get install graphviz" in result.stderr
    assert "digraph {" in (tmp_path / "order.dot").read_text(encoding="utf-8")


def test_two_drawings_of_one_name_are_told_apart(tmp_path: Path) -> None:
    answer("graph", "--format", "dot", "-o", str(tmp_path / "all.dot"))
    assert {file.name for file in tmp_path.iterdir()} == {"all-session.dot", "all-order.dot"}


def test_an_unknown_dataflow_is_refused_with_those_there_are() -> None:
    result = invoked("graph", "nowhere")
    assert result.exit_code == 14
    assert "us-equities-session" in result.stderr
