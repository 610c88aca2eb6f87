"""A bundle is drawn from what its data holds, and named for what it is."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest
import zstandard

from api.pages.bundle_page import bundle_page
from api.views.bundles import Bundle, bundled
from api.views.decision import DecisionView
from governance.bundle import END, START, BundleData
from nodes.vocabulary.canonical import encode
from tests.governance.bundle_examples import PAGE, DecidedHome, clipped, decided, runs_of, verifier

__all__ = ["decided"]


def _made(home: DecidedHome, *masked: str) -> tuple[Bundle, list[tuple[DecisionView, str, Mapping[str, str]]]]:
    drawn = []

    def draw(view: DecisionView, data: BundleData, policy: str, sources: Mapping[str, str]) -> str:
        assert data.entries
        drawn.append((view, policy, sources))
        return PAGE

    with home.store.reader() as reader:
        return bundled(reader, clipped(reader), draw, masked), drawn


def test_a_page_is_drawn_of_the_decision_its_policy_and_its_code(decided: DecidedHome) -> None:
    """ENG-09."""
    made, [(view, policy, sources)] = _made(decided)
    assert made.name == f"bundle-{view.decision_id[:12]}.html"
    assert policy.startswith("policy: us-equities\n")
    assert "nodes.kernels.sums" in sources or any(name.startswith("nodes.kernels.") for name in sources)
    assert verifier().Bundle(made.file, decided.vkey).origin == "paper"


def test_a_redacted_bundle_says_so_in_its_name(decided: DecidedHome) -> None:
    """ENG-10."""
    made, [(view, _, _)] = _made(decided, "equity_usd")
    assert made.name.endswith("-redacted.html")
    assert {node.run for node in view.nodes} == {"order"}, "the session's entry says the equity"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for pair in value.items() for each in pair for text in _texts(each))
    elif isinstance(value, list):
        yield from (text for each in value for text in _texts(each))


def _plain(text: str) -> Iterator[bytes]:
    """What a text of the block holds: itself, what its base64 decodes to, and what that decompresses to."""
    yield text.encode()
    try:
        data = base64.b64decode(text.removeprefix("masked:"), validate=True)
    except ValueError:
        return
    yield data
    if data.startswith(zstandard.FRAME_HEADER):
        yield zstandard.ZstdDecompressor().decompressobj().decompress(data)


def _all_bytes(file: bytes) -> bytes:
    """Everything in a bundle that can be read, decoded and decompressed."""
    before, _, rest = file.partition(START.encode())
    block, _, after = rest.partition(END.encode())
    plain = (each for text in _texts(json.loads(block)) for each in _plain(text))
    return b"\n".join((before, after, *plain))


def _forms(value: Any) -> set[bytes]:
    """Every way to write a number that somebody could search for."""
    number = Decimal(str(value))
    texts = {str(value), f"{value:,}", str(number.normalize()), f"{float(value):,}"}
    packed = {struct.pack(order, float(value)) for order in ("<d", ">d")}
    scaled = [int(number * scale) for scale in (100, 10_000) if number > 1]
    cents = {struct.pack(order, each) for order in ("<q", ">q") for each in scaled}
    return {text.encode() for text in texts} | packed | cents | {encode(value), encode(float(value))}


@pytest.mark.parametrize("name", ["cash_usd", "gross_exposure_usd", "adv_shares", "volatility_frac"])
def test_a_masked_value_stands_nowhere_in_the_file_in_any_form(decided: DecidedHome, name: str) -> None:
    """ENG-10: not in the page, the entries, the traces, or any body once it is decompressed."""
    with decided.store.reader() as reader:
        record = clipped(reader)
        whole = _all_bytes(bundled(reader, record, bundle_page).file)
        near: tuple[str, ...] = bundled(reader, record, bundle_page, [name]).data.masked.near
        others = [each for each in near if each not in record.entry.facts]
        redacted = bundled(reader, record, bundle_page, [name, *others])
        run = runs_of(reader, record).order
    forms = {form for value in (run.values[name], run.proposed[name]) for form in _forms(value)}
    assert any(form in whole for form in forms), "the search finds it where it is not masked"
    found = _all_bytes(redacted.file)
    assert [form for form in forms if form in found] == []
    assert verifier().Bundle(redacted.file, decided.vkey).origin == "paper"
