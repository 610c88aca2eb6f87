"""XML of EDGAR: read without entities, namespaces taken off."""

from __future__ import annotations

import pytest

from adapters.feeds.files.edgar_xml import cell, cells, xml_root
from nodes.vocabulary.errors import DataError

BILLION_LAUGHS = b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'


def test_tags_lose_their_namespace() -> None:
    root = xml_root(b'<x:a xmlns:x="urn:x"><x:b> 1 </x:b></x:a>', "it", "a")
    assert cell(root, "b") == "1"


def test_a_value_below_is_the_text() -> None:
    root = xml_root(b"<a><b><value>7</value><footnoteId id='F1'/></b><c/><d> </d></a>", "it", "a")
    assert cells(root, b="b", c="c", d="d", e="e") == {"b": "7", "c": None, "d": None, "e": None}


@pytest.mark.parametrize("text", [BILLION_LAUGHS, b"<a>", b"\xff\xfe\x00", b""])
def test_what_is_not_safe_to_read_is_refused(text: bytes) -> None:
    with pytest.raises(DataError, match="it is no XML document that is safe to read"):
        xml_root(text, "it", "a")


def test_another_root_is_refused() -> None:
    with pytest.raises(DataError, match="it has the root <b>, expected <a>"):
        xml_root(b"<b/>", "it", "a")
