"""A trained head as a file: plain JSON, with the digest of what it says and of what it was made from.

The weights are written as Python writes floats, so that they come back bit for bit. A head names the encoder that it
was trained for, and by when its labels were known: a text older than that was read with hindsight, and its score says
so in the name of its model.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adapters.files.writing import translated, write_new
from adapters.sentiment.encoder import model_files
from nodes.vocabulary.canonical import digest, digest_text, encode
from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.instants import instant_from_text, instant_text

FORMAT = "assay sentiment head 1"
_SHORT = 12


@dataclass(frozen=True)
class Head:
    """A linear head and where it comes from.

    Attributes:
        name: how its maker calls it.
        encoder_sha256: digest of the encoder's model.
        tokenizer_sha256: digest of its tokenizer.
        weights: one a dimension.
        intercept: of the logit.
        inverse_penalty: C of the logistic regression.
        neutral_band: labels nearer to zero were left out.
        labels_sha256: digest of the file of labels.
        n_positive: labels that were positive.
        n_negative: labels that were negative.
        labels_known_at: by when the labels were known.
        trainer: library and version that fitted it.
    """

    name: str
    encoder_sha256: str
    tokenizer_sha256: str
    weights: tuple[float, ...]
    intercept: float
    inverse_penalty: float
    neutral_band: float
    labels_sha256: str
    n_positive: int
    n_negative: int
    labels_known_at: datetime
    trainer: str

    @property
    def digest(self) -> str:
        """Digest of all that the head says."""
        return digest_text(digest("sentiment head", encode(asdict(self))))

    @property
    def model(self) -> str:
        """Name and digest, as scores carry it."""
        return f"minilm-{self.name}@{self.digest.removeprefix('sha256:')[:_SHORT]}"


def head_text(head: Head) -> str:
    """The file of a head."""
    said = asdict(head) | {"labels_known_at": instant_text(head.labels_known_at)}
    return json.dumps({"format": FORMAT, **said, "digest": head.digest}, indent=1) + "\n"


def write_head(head: Head, path: Path) -> None:
    """Writes a head; an existing file is never replaced. Raises EdgeError when it cannot be written."""
    if path.exists():
        message = f"{path} exists and may have scored texts; name a new file"
        raise EdgeError(message)
    with translated(path):
        write_new(path, head_text(head).encode())


def read_head(path: Path) -> Head:
    """The head of a file.

    Raises:
        EdgeError: the file cannot be read.
        DataError: it is no head, was changed, or is for another encoder than the one of the manifest.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error}; name a file that `assay sentiment train` wrote"
        raise EdgeError(message) from error
    return _of_this_encoder(path, _parsed(path, text))


def _parsed(path: Path, text: str) -> Head:
    try:
        said: dict[str, Any] = json.loads(text)
        found, stated = said.pop("format"), said.pop("digest")
        said["labels_known_at"] = instant_from_text(said["labels_known_at"])
        said["weights"] = tuple(float(weight) for weight in said["weights"])
        head = Head(**said)
    except (ValueError, TypeError, KeyError, AttributeError, DataError) as error:
        message = f"{path} is no head: {error!r}; name a file that `assay sentiment train` wrote"
        raise DataError(message) from error
    if found != FORMAT or head.digest != stated:
        message = (
            f"{path} says {found!r} and {stated}, expected {FORMAT!r} and {head.digest}; it was changed: train again"
        )
        raise DataError(message)
    return head


def _of_this_encoder(path: Path, head: Head) -> Head:
    files = model_files()
    wanted = (files["minilm-int8"].sha256, files["minilm-tokenizer"].sha256)
    if (head.encoder_sha256, head.tokenizer_sha256) != wanted:
        message = (
            f"{path} was trained for the encoder {head.encoder_sha256[:_SHORT]} with the tokenizer"
            f" {head.tokenizer_sha256[:_SHORT]}, this installation has {wanted[0][:_SHORT]} and {wanted[1][:_SHORT]};"
            " train again"
        )
        raise DataError(message)
    return head
