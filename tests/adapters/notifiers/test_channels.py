"""The operator's file of channels."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from adapters.notifiers.channels import channels_of
from adapters.notifiers.services import AppriseService
from adapters.notifiers.webhook import SignedWebhook
from nodes.vocabulary.errors import EdgeError

TEXT = """
channels:
  desk-mail: {apprise: "mailto://127.0.0.1:25/?from=a@example.com&to=b@example.com"}
  desk-hook: {webhook: "https://example.com/assay", secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
"""


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / "channels.yaml"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def test_a_channel_is_what_its_keys_say(tmp_path: Path) -> None:
    found = channels_of(written(tmp_path, TEXT), ["desk-mail"], time.time)
    assert {name: type(each) for name, each in found.items()} == {
        "desk-mail": AppriseService,
        "desk-hook": SignedWebhook,
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("desk-mail", "other"), "has no channel desk-mail, which the alert policy names"),
        (TEXT.replace("apprise:", "smtp:"), "channel 'desk-mail' .* is none; write `apprise"),
        (TEXT.replace("secret:", "password:"), "channel 'desk-hook' .* is none"),
        ("- a list", "has no `channels:`"),
        ("channels: {a: {apprise: s3cret", "channels.yaml:1 is no YAML"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(EdgeError, match=said) as caught:
        channels_of(written(tmp_path, text), ["desk-mail"], time.time)
    assert "s3cret" not in str(caught.value)
    assert "whsec_" not in str(caught.value).replace("`secret: whsec_...`", "")


def test_a_file_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="can be read by everybody, and holds secrets; chmod o-r it"):
        channels_of(written(tmp_path, TEXT, 0o644), [], time.time)


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match="cannot be read: FileNotFoundError"):
        channels_of(tmp_path / "none.yaml", [], time.time)
