"""Papers about models: generated from the registry and the log, never typed, each as Markdown and as a page of HTML.

A paper is sections of sentences and tables of facts. Both renderings say the same; the Markdown is what is signed and
whose digest the log holds.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Facts in rows.

    Attributes:
        head: names of the columns.
        rows: cells, as they are shown.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One part of a paper.

    Attributes:
        title: its heading.
        parts: sentences and tables, in order.
    """

    title: str
    parts: tuple[str | Table, ...]


@dataclass(frozen=True)
class Paper:
    """A paper.

    Attributes:
        title: what it is about.
        sections: its parts, in order.
    """

    title: str
    sections: tuple[Section, ...]

    @property
    def markdown(self) -> str:
        """The paper as Markdown; it ends in a newline, as a signed text must."""
        blocks = [f"# {_plain(self.title)}"]
        for section in self.sections:
            blocks.append(f"## {_plain(section.title)}")
            blocks += [_markdown_table(part) if isinstance(part, Table) else _plain(part) for part in section.parts]
        return "\n\n".join(block for block in blocks if block) + "\n"

    @property
    def html(self) -> str:
        """The paper as one page that needs nothing else."""
        title = html.escape(self.title)
        body = "\n".join(_html_section(section) for section in self.sections)
        return (
            f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<style>{_STYLE}</style>\n</head>\n'
            f"<body>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</body>\n</html>\n"
        )


def facts_table(facts: Iterable[tuple[str, str]]) -> Table:
    """Names and what they are."""
    return Table(("", ""), tuple(facts))


def _plain(text: str) -> str:
    """A text on one line, without control characters: a name from a client cannot begin a section of its own."""
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _markdown_cell(text: str) -> str:
    return _plain(text).replace("\\", "\\\\").replace("|", "\\|")


def _markdown_table(table: Table) -> str:
    head = table.head if any(table.head) else ("fact", "value")
    lines = [head, tuple("---" for _ in head), *table.rows]
    return "\n".join(f"| {' | '.join(map(_markdown_cell, line))} |" for line in lines)


def _html_section(section: Section) -> str:
    parts = [_html_table(part) if isinstance(part, Table) else f"<p>{html.escape(part)}</p>" for part in section.parts]
    return "\n".join((f"<h2>{html.escape(section.title)}</h2>", *parts))


def _html_table(table: Table) -> str:
    head = f"<thead>{_html_row(table.head, 'th')}</thead>" if any(table.head) else ""
    rows = "".join(_html_row(row, "td") for row in table.rows)
    return f'<div class="wide"><table>{head}<tbody>{rows}</tbody></table></div>'


def _html_row(cells: Sequence[str], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"


_STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #d5dae0; --dim: #59636e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --paper: #14171a; --line: #353c44; --dim: #9aa4af; } }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 64rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; margin: 0 0 1rem; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
p { margin: .5rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: break-word; }
td:first-child, th { color: var(--dim); }
@media print { body { font-size: 11pt; } h2 { break-after: avoid; } tr { break-inside: avoid; } }
"""
