"""UI-01, ENG-12: what an editor of policies asks while one writes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from litestar.testing import TestClient

from api.http.app import app
from api.use_cases.reloads import Reloads
from tests.api.http.serving import Served, problem_slug

CHECK, VOCABULARY = "/internal/policy/check", "/internal/policy/vocabulary"


@pytest.fixture(scope="module")
def editor(home: Served) -> Iterator[Served]:
    """The served home, where texts are tried in this process: starting another takes seconds."""
    parts = replace(home.parts, service=replace(home.service, reloads=Reloads()))
    with TestClient(app(parts), raise_server_exceptions=False) as client:
        yield replace(home, service=parts.service, parts=parts, client=client)


def test_a_text_with_faults_is_answered_with_each_of_them(editor: Served) -> None:
    text = editor.settings.policy.read_text(encoding="utf-8").replace("owner: ", "ownr: ")
    response = editor.post(CHECK, json={"text": text, "file": "v2.yaml"})
    told = response.json()
    assert (response.status_code, told["is_sound"], told["policy_digest"]) == (200, False, None)
    assert all(fault["file"] == "v2.yaml" and fault["line"] and fault["mend"] for fault in told["faults"])


def test_the_active_text_is_sound_and_changes_nothing(editor: Served) -> None:
    text = editor.settings.policy.read_text(encoding="utf-8")
    told = editor.post(CHECK, json={"text": text}).json()
    assert (told["is_sound"], told["faults"], told["changes"]) == (True, [], [])
    assert told["policy_digest"] == told["active_digest"]


@pytest.mark.parametrize(
    "content", [b"{}", b'{"text": 1}', b'{"text": "x", "more": 1}', b"text", b'{"text": "\\ud800"}']
)
def test_a_body_of_another_form_is_refused(editor: Served, content: bytes) -> None:
    response = editor.post(CHECK, content=content, headers={"Content-Type": "application/json"})
    assert problem_slug(response) == "bad-request"


def test_a_text_of_any_characters_is_answered(editor: Served) -> None:
    response = editor.post(CHECK, json={"text": "policy: \x00\u2028\U0001f600", "cases": "\x00"})
    assert (response.status_code, response.json()["is_sound"]) == (200, False)


def test_the_vocabulary_has_a_tag_that_changes_with_the_policy(editor: Served) -> None:
    response = editor.get(VOCABULARY)
    told = response.json()
    assert {word["name"] for word in told["words"]} >= {"participation_frac", "max_participation_frac", "cash_usd"}
    assert {rule["id"] for rule in told["rules"]} == set(_rule_ids(editor))
    assert "BETWEEN" in told["operators"]
    assert editor.get(VOCABULARY, headers={"If-None-Match": response.headers["etag"]}).status_code == 304


def _rule_ids(home: Served) -> list[str]:
    return [rule.id for rule in home.service.generations.current.generation.policy.rules]
