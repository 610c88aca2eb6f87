"""The words of a rule: text to tokens by sqlglot, each refused unless the rule language has it.

Works on tokens, so that every refusal has its exact place and all of them are found at once, and so
that nesting is bounded before any recursive parser sees the text. The tree is made in `policies.grammar`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sqlglot import Token, TokenType, tokenize
from sqlglot.errors import TokenError

from policies.slips import Slip, quoted

MAX_LENGTH = 2000
MAX_DEPTH = 32
_MAX_DIGITS = 28
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "BETWEEN", "IS", "NULL", "TRUE", "FALSE"})
_PUNCTUATION = frozenset({"(", ")", ","})
_LEAVES = frozenset({TokenType.VAR, TokenType.NUMBER, TokenType.STRING, TokenType.TRUE, TokenType.FALSE})

_ARITHMETIC = "a rule has no arithmetic; make it a node, where it has a unit and a source"
_REFUSED: dict[str, tuple[str, str]] = {
    "!=": ("!= is not in the rule language", "write <>"),
    "==": ("== is not in the rule language", "write ="),
    ";": ("a rule is one expression, and ; ends a statement", "write each claim as a rule of its own"),
    "?": ("? is a parameter slot", "name a limit of the rule"),
    ":": (": begins a parameter slot", "name a limit of the rule"),
    "@": ("@ begins a parameter slot", "name a limit of the rule"),
    "$": ("$ begins a parameter slot", "name a limit of the rule"),
    ".": ("names have no dots, and numbers begin with a digit", "write the bare name of a node, or 0.5 for .5"),
    "::": (":: is a cast", "make it a node, where it has a unit and a source"),
    "+": ("+ is arithmetic", _ARITHMETIC),
    "*": ("* is arithmetic", _ARITHMETIC),
    "/": ("/ is arithmetic", _ARITHMETIC),
    "%": ("% is arithmetic", _ARITHMETIC),
    "||": ("|| joins texts", _ARITHMETIC),
    "[": ("[ reaches into a value", "write the bare name of a node"),
}


@dataclass(frozen=True)
class Word:
    """A token of a rule.

    Attributes:
        kind: sqlglot's type of it.
        text: as it stands in the rule.
        offset: where it begins in the rule, from 0.
    """

    kind: TokenType
    text: str
    offset: int

    @property
    def is_leaf(self) -> bool:
        """Whether it stands for a value: a name or a literal."""
        return self.kind in _LEAVES

    @property
    def keyword(self) -> str:
        """The keyword or sign it is, keywords in upper case; empty for names and literals other than TRUE and FALSE."""
        upper = self.text.upper()
        return upper if upper in _KEYWORDS or upper in _COMPARISONS or upper in _PUNCTUATION else ""


def rule_words(text: str) -> tuple[tuple[Word, ...], tuple[Slip, ...]]:
    """The tokens of a rule and everything that is refused in it at sight."""
    if len(text) > MAX_LENGTH:
        what = f"the rule has {len(text)} characters, expected at most {MAX_LENGTH}"
        return (), (Slip(0, what, "split it into several rules"),)
    if not text.strip():
        return (), (Slip(0, "the rule is empty", "write what must hold, like spread_bps <= max_spread_bps"),)
    try:
        tokens = tokenize(text)
    except TokenError:
        return (), (Slip(*_unfinished(text)),)
    words = tuple(Word(token.token_type, text[token.start : token.end + 1], token.start) for token in tokens)
    slips = [*_comments(tokens), *_refusals(words)]
    return words, tuple(sorted(slips or _nesting(words)))


def _unfinished(text: str) -> tuple[int, str, str]:
    offset = max(text.rfind("'"), text.rfind('"'), text.rfind("/*"), 0)
    return offset, f"{quoted(text[offset:])} is not finished", "close the quote or the comment"


def _comments(tokens: list[Token]) -> Iterator[Slip]:
    for token in tokens:
        if token.comments:
            what = f"a comment ({quoted(token.comments[0].strip())}) would not reach the trace"
            yield Slip(token.start, what, "say it in because, or as a YAML comment")


def _refusals(words: tuple[Word, ...]) -> Iterator[Slip]:
    open_lists = [False]
    for index, word in enumerate(words):
        if word.text == "(":
            open_lists.append(index > 0 and words[index - 1].keyword == "IN")
        elif word.text == ")":
            open_lists = open_lists[:-1] or [False]
        slip = _null_in_list(word) if open_lists[-1] and word.keyword == "NULL" else _refusal(words, index)
        if slip:
            yield slip


def _null_in_list(word: Word) -> Slip:
    return Slip(word.offset, "NULL in an IN list matches nothing", "remove it, or add OR name IS NULL")


def _refusal(words: tuple[Word, ...], index: int) -> Slip | None:
    word = words[index]
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < len(words) else None
    if word.keyword in {"NULL", "IS"}:
        return _null_refusal(words, index)
    if word.is_leaf:
        return _leaf_refusal(word, before, after)
    if word.text == "-":
        return _minus_refusal(word, before, after)
    return None if word.keyword else _unknown_refusal(word)


def _null_refusal(words: tuple[Word, ...], index: int) -> Slip | None:
    """NULL is only in IS NULL and IS NOT NULL, and IS only with them."""
    word = words[index]
    if word.keyword == "IS":
        after = [following.keyword for following in words[index + 1 : index + 3]]
        if after[:1] != ["NULL"] and after != ["NOT", "NULL"]:
            return Slip(word.offset, "IS is only for IS NULL and IS NOT NULL", "write = or the bare name of a flag")
        return None
    before = [preceding.keyword for preceding in words[max(index - 2, 0) : index]]
    if before[-1:] != ["IS"] and before != ["IS", "NOT"]:
        return Slip(word.offset, "a comparison with NULL is never true", "write name IS NULL or name IS NOT NULL")
    return None


def _leaf_refusal(word: Word, before: Word | None, after: Word | None) -> Slip | None:
    if before is not None and before.is_leaf:
        what = f"{quoted(word.text)} follows {quoted(before.text)} with nothing between them"
        return Slip(word.offset, what, "join them with a comparison, AND or OR")
    if word.kind is TokenType.NUMBER:
        return _number_refusal(word)
    if word.kind is TokenType.VAR and after is not None and after.text == "(":
        what = f"{word.text}(...) is a function call"
        return Slip(word.offset, what, "make it a node, where it has a unit and a source")
    if word.kind is TokenType.VAR and not _NAME.fullmatch(word.text):
        return Slip(word.offset, f"{quoted(word.text)} is no name", "use letters, digits and _ after a letter")
    return None


def _number_refusal(word: Word) -> Slip | None:
    if not _NUMBER.fullmatch(word.text):
        return Slip(word.offset, f"{quoted(word.text)} is no number", "write it like 5, 0.05 or 2.5e6")
    if len(format(Decimal(word.text), "f").replace(".", "")) > _MAX_DIGITS:
        what = f"{quoted(word.text)} has more than {_MAX_DIGITS} digits"
        return Slip(word.offset, what, "use a limit in a larger unit")
    return None


def _minus_refusal(word: Word, before: Word | None, after: Word | None) -> Slip | None:
    if before is not None and (before.is_leaf or before.text == ")"):
        return Slip(word.offset, "- is arithmetic", _ARITHMETIC)
    if after is None or after.kind is not TokenType.NUMBER:
        return Slip(word.offset, "a minus sign goes before a number only", _ARITHMETIC)
    return None


def _unknown_refusal(word: Word) -> Slip:
    if word.kind is TokenType.IDENTIFIER:
        return Slip(word.offset, f"{word.text} is a quoted name", f"write it bare, or a text as '{word.text[1:-1]}'")
    if word.text in _REFUSED:
        return Slip(word.offset, *_REFUSED[word.text])
    if _NAME.fullmatch(word.text):
        what = f"{word.text} is a word of SQL that the rule language does not have"
        return Slip(word.offset, what, "make it a node, or give the node another name")
    mend = "use = <> < <= > >= AND OR NOT IN BETWEEN IS NULL over names and literals"
    return Slip(word.offset, f"{quoted(word.text)} is not in the rule language", mend)


def _nesting(words: tuple[Word, ...]) -> Iterator[Slip]:
    """Brackets that do not match, or open brackets and pending NOTs deeper than the limit."""
    pending = [0]
    opened: list[Word] = []
    for word in words:
        if word.text == ")":
            if not opened:
                yield Slip(word.offset, ") closes no bracket", "remove it, or open the bracket before")
                return
            opened.pop()
            pending.pop()
        elif word.text == "(":
            opened.append(word)
            pending.append(0)
        elif word.keyword in {"AND", "OR"}:
            pending[-1] = 0
        pending[-1] += word.keyword == "NOT"
        if len(opened) + sum(pending) > MAX_DEPTH:
            what = f"the rule is nested deeper than {MAX_DEPTH}"
            yield Slip(word.offset, what, "remove brackets or split it into several rules")
            return
    if opened:
        yield Slip(opened[-1].offset, "( is never closed", "close the bracket")
