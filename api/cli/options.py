"""Options that belong together: a command takes them as one record, the command line sees one option a field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from functools import partial
from inspect import Parameter, Signature, signature
from typing import Any, get_type_hints

Command = Callable[..., None]


def grouped(command: Command) -> Command:
    """The command with each parameter that is a dataclass replaced by its fields, in the same place.

    Typer reads the signature of what it is given and calls it by keyword, so the signature is all that is made here.
    """
    hints = get_type_hints(command, include_extras=True)
    records = {name: hint for name, hint in hints.items() if isinstance(hint, type) and is_dataclass(hint)}
    shown: list[Parameter] = []
    for name, parameter in signature(command).parameters.items():
        if name in records:
            shown += _options(records[name])
        else:
            shown.append(parameter.replace(annotation=hints[name], kind=Parameter.KEYWORD_ONLY))
    called = partial(_called, command, records)
    # Typer asks a callable for these; a partial has none of its own.
    called.__signature__ = Signature(shown)  # type: ignore[attr-defined]
    called.__annotations__ = {}
    called.__doc__ = command.__doc__
    called.__name__ = command.__name__  # type: ignore[attr-defined]
    return called


def _options(record: type[Any]) -> list[Parameter]:
    hints = get_type_hints(record, include_extras=True)
    return [
        Parameter(
            field.name,
            Parameter.KEYWORD_ONLY,
            default=Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(record)
    ]


def _called(command: Command, records: dict[str, type[Any]], **given: Any) -> None:  # noqa: ANN401  # of the fields' types
    for name, record in records.items():
        given[name] = record(**{field.name: given.pop(field.name) for field in fields(record)})
    command(**given)
