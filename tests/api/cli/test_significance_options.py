"""The words that options take are those that HTTP takes, and the defaults are the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import msgspec
import pytest

from api.cli.significance_options import (
    Centring,
    Correlation,
    Family,
    Law,
    Metric,
    Model,
    Record,
    Scheme,
    Sense,
    Studentisation,
)
from api.use_cases.significance_events import CarAsked, DecayAsked
from api.use_cases.significance_panels import PboAsked, StepAsked
from api.use_cases.significance_sharpe import RecordAsked
from nodes.kernels.significance.calibration import LAWS

WORDS: list[tuple[Any, Any, str]] = [
    (Sense, StepAsked, "sense"),
    (Scheme, StepAsked, "scheme"),
    (Studentisation, StepAsked, "studentisation"),
    (Centring, StepAsked, "centring"),
    (Metric, PboAsked, "metric"),
    (Model, CarAsked, "model"),
    (Correlation, DecayAsked, "correlation"),
]


@pytest.mark.parametrize(("words", "asked", "field"), WORDS)
def test_words_are_those_of_the_question(words: Any, asked: type[msgspec.Struct], field: str) -> None:
    for word in words:
        declared = next(each.type for each in msgspec.structs.fields(asked) if each.name == field)
        assert str(msgspec.convert(word.value, declared)) == word.value
    wrong = next(each.type for each in msgspec.structs.fields(asked) if each.name == field)
    with pytest.raises(msgspec.ValidationError, match="Invalid enum value 'other'"):
        msgspec.convert("other", wrong)


def test_laws_are_all_there_are() -> None:
    assert tuple(law.value for law in Law) == LAWS


def test_records_have_the_fields_and_defaults_of_the_question() -> None:
    asked = {each.name: each.default for each in msgspec.structs.fields(RecordAsked)}
    assert {each.name: each.default for each in fields(Record)} == asked
    family = {each.name: each.default for each in fields(Family)}
    questions = {each.name: each.default for each in msgspec.structs.fields(StepAsked)}
    assert (family["resamples"], family["seed"]) == (questions["n_resamples"], questions["seed"])
    assert not get_args(Family)
