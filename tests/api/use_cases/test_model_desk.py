"""The desk of models: finds versions, signs with the log's key, and says plainly where neither can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.model_desk import model_named
from governance.notes import parsed_note, signers
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.model_desks import challenger, desk_of, opened
from tests.governance.model_examples import FAMILY


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    return opened(tmp_path)


def test_a_text_is_signed_with_the_key_of_the_log(folder: LogFolder) -> None:
    note = parsed_note(desk_of(folder).signed("memo\n"))
    assert note.text == "memo\n"
    assert signers(note, [folder.key]) == {folder.key}


def test_where_no_key_is_nothing_is_signed(folder: LogFolder) -> None:
    desk = replace(desk_of(folder), signer=None)
    with pytest.raises(EdgeError, match="log 'paper' has no key here, so that no memo can be signed") as caught:
        desk.signed("memo\n")
    assert caught.value.reason == "read-only-log"


def test_a_version_is_found_by_family_and_number_or_the_others_are_named(folder: LogFolder) -> None:
    row = challenger(desk_of(folder))
    with folder.store.reader() as reader:
        assert model_named(reader, FAMILY, 1)[0] == row
        with pytest.raises(EdgeError, match="model meta-label v7 is not registered here, v1 of it is"):
            model_named(reader, FAMILY, 7)
        with pytest.raises(EdgeError, match="model nobody v1 is not registered here, no version of it is"):
            model_named(reader, "nobody", 1)


def test_a_gate_is_activated_once_and_read_from_the_log_after(folder: LogFolder) -> None:
    desk = desk_of(folder)
    assert desk.gate("watch").sequence == desk.gate("watch").sequence == 1
