"""Sentences made of columns, for the reasons of a quarantine."""

from __future__ import annotations

import polars as pl


def sentence(template: str, *parts: str | pl.Expr) -> pl.Expr:
    """`template` with each {} filled from a column, by name, or an expression; null where one of them is null.

    polars' own format (2.1) panics on some columns without rows; adding texts does not.
    """
    texts = template.split("{}")
    said = pl.lit(texts[0])
    for part, text in zip(parts, texts[1:], strict=True):
        column = pl.col(part) if isinstance(part, str) else part
        said = said + column.cast(pl.String) + pl.lit(text)
    return said
