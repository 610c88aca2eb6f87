"""Which symbols a text is about: those whose words it holds, as whole words in their own case."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from adapters.feeds.texts import Text


def about(text: Text, words: Mapping[str, Sequence[str]]) -> list[Text]:
    """A text once for each symbol it names; once without a symbol when it names none."""
    content = f"{text.title or ''}\n{text.body or ''}"
    named = [symbol for symbol in sorted(words) if any(_holds(content, word) for word in words[symbol])]
    return [replace(text, symbol=symbol) for symbol in named] or [text]


def _holds(content: str, word: str) -> bool:
    return re.search(rf"(?<![\w$]){re.escape(word)}(?!\w)", content) is not None
