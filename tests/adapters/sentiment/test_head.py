"""A head's file: bit for bit, with its digest, never another encoder's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.sentiment.head import Head, head_text, read_head, write_head
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.sentiment.made import made_head


@pytest.fixture(scope="module")
def head(tmp_path_factory: pytest.TempPathFactory) -> Head:
    return made_head(tmp_path_factory.mktemp("labels"))


def test_a_head_comes_back_bit_for_bit(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    write_head(head, path)

    assert read_head(path) == head
    assert head.model == f"minilm-test@{head.digest[7:19]}"


def test_the_digest_covers_everything_that_a_head_says(head: Head) -> None:
    others = [
        replace(head, intercept=head.intercept + 1e-12),
        replace(head, name="other"),
        replace(head, labels_sha256="00"),
        replace(head, weights=head.weights[::-1]),
    ]
    assert len({head.digest, *(other.digest for other in others)}) == len(others) + 1


def test_an_existing_head_is_not_written_over(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    write_head(head, path)

    with pytest.raises(EdgeError, match="exists and may have scored texts; name a new file"):
        write_head(head, path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"intercept": 0.25}, "it was changed: train again"),
        ({"format": "assay sentiment head 9"}, "says 'assay sentiment head 9'"),
        ({"weights": "many"}, "is no head: ValueError"),
        ({"colour": "red"}, "is no head: TypeError"),
        ({"labels_known_at": "yesterday"}, "is no head: DataError"),
    ],
)
def test_a_changed_file_is_refused(head: Head, tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "head.json"
    path.write_text(json.dumps(json.loads(head_text(head)) | change), encoding="utf-8")

    with pytest.raises(DataError, match=message):
        read_head(path)


def test_a_head_of_another_encoder_is_refused(head: Head, tmp_path: Path) -> None:
    path = tmp_path / "head.json"
    write_head(replace(head, encoder_sha256="ab" * 32), path)

    with pytest.raises(DataError, match=r"trained for the encoder abababababab .* train again"):
        read_head(path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null"])
def test_a_file_that_is_no_head_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "head.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(DataError, match="is no head"):
        read_head(path)


def test_a_missing_file_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"cannot be read.*name a file that `assay sentiment train` wrote"):
        read_head(tmp_path / "gone.json")
