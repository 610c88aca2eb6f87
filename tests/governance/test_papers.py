"""Papers: Markdown and HTML say the same, and no name of a client can begin a section or a script."""

from __future__ import annotations

from html.parser import HTMLParser

from governance.papers import Paper, Section, Table, facts_table

HOSTILE = "x</td><script>alert(1)</script>\n\n## Approved by everyone | yes"
PAPER = Paper(
    "Card: <b>",
    (
        Section("Facts", ("A sentence.", facts_table((("name", HOSTILE),)))),
        Section("Rows", (Table(("a",), (("1",),)),)),
    ),
)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # the parser's
        self.found.append(tag)


def test_a_hostile_name_stays_one_cell_of_markdown() -> None:
    lines = PAPER.markdown.splitlines()
    assert [line for line in lines if line.startswith("#")] == ["# Card: <b>", "## Facts", "## Rows"]
    assert any(line.startswith("| name | x</td>") and "\\| yes |" in line for line in lines)


def test_a_hostile_name_stays_text_in_html() -> None:
    tags = _Tags()
    tags.feed(PAPER.html)
    assert "script" not in tags.found
    assert (tags.found.count("h2"), tags.found.count("table")) == (2, 2)


def test_markdown_ends_in_one_newline_as_a_signed_text_must() -> None:
    assert PAPER.markdown.endswith("|\n")
    assert not PAPER.markdown.endswith("\n\n")


def test_a_table_without_a_head_has_one_in_markdown_alone() -> None:
    assert "| fact | value |" in PAPER.markdown
    assert PAPER.html.count("<thead>") == 1
