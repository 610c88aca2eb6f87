"""Reading the documents that a pydantic model says whole: with every fault, of form and of meaning."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from nodes.vocabulary.errors import Fault, PolicyError
from policies.complaints import Keys, schema_faults
from policies.contracts import plain_document
from policies.marks import Marks

_Model = TypeVar("_Model", bound=BaseModel)


def modelled_document(
    text: bytes, file: str, model: type[_Model], keys_at: Keys, meant: Callable[[_Model, Marks], Iterable[Fault]]
) -> _Model:
    """What the bytes of a file say as a model. Raises PolicyError with every fault.

    Args:
        text: the bytes.
        file: what the file is called.
        model: what they must say.
        keys_at: the keys that a place may have, and its name.
        meant: the faults that no type can say.
    """
    content, marks, faults = plain_document(text, file)
    try:
        found = model.model_validate(content)
    except ValidationError as error:
        faults = [*faults, *schema_faults(error, marks, frozenset(), keys_at)]
        raise PolicyError(faults or [marks.fault((), "the policy cannot be read", "compare it with v1")]) from error
    faults = [*faults, *meant(found, marks)]
    if faults:
        raise PolicyError(faults)
    return found
