"""Luck over HTTP: each question is answered as its use case answers it; what says nothing is the client's fault."""

from __future__ import annotations

import json

import msgspec
import pytest

from api.http.routes.significance import MAX_BODY_BYTES, PREFIX, QUESTIONS
from api.use_cases.significance import Question
from tests.api.http.serving import Served, problem_slug
from tests.api.luck import ASKED, ROWS

BY_NAME = {question.name: question for question in QUESTIONS}


@pytest.mark.parametrize("question", QUESTIONS, ids=list(BY_NAME))
def test_every_question_is_answered_as_its_use_case_answers_it(home: Served, question: Question) -> None:
    """API-ANL-06, API-ANL-07, SIG-01 to SIG-04."""
    response = home.post(PREFIX + question.name, json=ASKED[question.name])
    told = question.answer(msgspec.convert(ASKED[question.name], question.asked, strict=False))
    assert response.status_code == 200, response.text
    assert response.json() == json.loads(msgspec.json.encode(told))
    assert response.json()["verdict"]


def test_a_question_needs_its_scope(home: Served) -> None:
    response = home.client.post(PREFIX + "pbo", json=ASKED["pbo"], headers=home.headers("plan:read"))
    assert (response.status_code, problem_slug(response)) == (403, "forbidden")
    allowed = home.client.post(PREFIX + "pbo", json=ASKED["pbo"], headers=home.headers("research:run"))
    assert allowed.status_code == 200


@pytest.mark.parametrize(
    ("name", "changes", "detail"),
    [
        ("spa", {"returns": [[0.1, 0.2], [0.3]]}, "row 1 has 1 numbers, the first one 2"),
        ("spa", {"returns": [[0.1], [0.1]] * 9, "names": None}, "of strategy 0 do not vary"),
        ("spa", {"names": ["one"]}, "1 different names for 4 strategies"),
        ("pbo", {"returns": [row[:1] for row in ROWS], "names": None}, "have 1 strategies, expected at least 2"),
        ("psr", {"kurtosis_raw": None, "kurtosis_excess": 0.5}, "expected at least 1 + skewness^2"),
        ("psr", {"skewness": None}, "give returns, or sharpe, n_periods, skewness and one of kurtosis_raw"),
        ("dsr", {"n_trials": None}, "give trial_sharpes, or n_trials and trial_sharpe_variance"),
        ("exceedances", {"n_sessions": None}, "give returns and value_at_risk, or n_exceedances and n_sessions"),
        ("car", {"market": [0.1]}, "the market has 1 sessions, the returns 60"),
    ],
)
def test_sample_that_says_nothing_is_invalid_and_the_mend_is_told(
    home: Served, name: str, changes: dict[str, object], detail: str
) -> None:
    response = home.post(PREFIX + name, json=ASKED[name] | changes)
    assert (response.status_code, problem_slug(response)) == (422, "invalid")
    assert detail in response.json()["detail"]


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("pbo", {"n_blocks": 7}, "n_blocks"),
        ("spa", {"n_resamples": 10**9}, "n_resamples"),
        ("spa", {"studentise": "no"}, "studentise"),
        ("multiple-testing", {"p_values": [2]}, "p_values"),
    ],
)
def test_field_that_cannot_be_is_named(home: Served, name: str, changes: dict[str, object], field: str) -> None:
    response = home.post(PREFIX + name, json=ASKED[name] | changes)
    assert (response.status_code, problem_slug(response)) == (400, "bad-request")
    assert field in [each["where"] for each in response.json()["errors"]]


def test_panel_of_megabytes_is_read_where_other_paths_refuse_it(home: Served) -> None:
    rows = [[place * 1e-7, 0.123456789012345 * (-1) ** place, 0.01] for place in range(40_000)]
    for row in rows[::3]:
        row[2] = -0.02
    response = home.post(PREFIX + "pbo", json={"returns": rows, "n_blocks": 2})
    assert response.status_code == 200, response.text
    assert 1_048_576 < len(response.request.content) < MAX_BODY_BYTES


def test_what_is_not_finite_is_null(home: Served) -> None:
    told = home.post(PREFIX + "min-track-record", json=ASKED["min-track-record"] | {"benchmark_sharpe": 3}).json()
    assert (told["min_periods"], told["min_years"]) == (None, None)
    assert "no length is enough" in told["verdict"]
