"""XML documents of EDGAR as plain elements: no namespaces, no entities, no surprises."""

from __future__ import annotations

from importlib import import_module
from xml.etree.ElementTree import Element, ParseError  # the types only; defusedxml reads

from nodes.vocabulary.errors import DataError, EdgeError


def xml_root(text: bytes, name: str, tag: str) -> Element:
    """The root element of a document, namespaces taken off every tag.

    Raises:
        DataError: the bytes are no XML, hold entities or a document type, or have another root.
        EdgeError: defusedxml is not installed.
    """
    try:
        reader = import_module("defusedxml.ElementTree")
        refused = import_module("defusedxml.common").DefusedXmlException
    except ModuleNotFoundError as error:
        message = "defusedxml, which reads XML safely, is not installed; pip install assay-engine[feeds]"
        raise EdgeError(message) from error
    try:
        root: Element = reader.fromstring(text, forbid_dtd=True)
    except (ParseError, refused, ValueError) as error:
        message = f"{name} is no XML document that is safe to read: {error or type(error).__name__}; download it again"
        raise DataError(message) from error
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    if root.tag != tag:
        message = f"{name} has the root <{root.tag}>, expected <{tag}>; take the document that is the {tag}"
        raise DataError(message)
    return root


def cell(element: Element, path: str) -> str | None:
    """The text at a path below an element, or in a `value` below that, trimmed; None when there is none."""
    found = element.find(path)
    if found is None:
        return None
    inner = found.find("value")
    text = (inner if inner is not None else found).text
    return None if text is None or not text.strip() else text.strip()


def cells(element: Element, **paths: str) -> dict[str, str | None]:
    """Texts at several paths, by name."""
    return {name: cell(element, path) for name, path in paths.items()}
