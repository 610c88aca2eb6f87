"""Settings: the only place that reads the environment.

Everything here says where things are and who runs them. What is traded, and within which limits, is policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

from nodes.vocabulary.errors import EdgeError

PREFIX = "ASSAY_"
SHIPPED_POLICY = Path(str(files("policies"))) / "us-equities" / "v1.yaml"
"""Found beside the installed code, wherever one stands."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation runs.

    Attributes:
        home: folder of the log, its tiles and its keys.
        origin: name of the decision log.
        policy: file of the policy that decides, which also names the strategy.
        account_id: the account that trades.
        opening_cash_usd: cash that a new account is opened with.
        first_on: first session of the main job.
        principal: who asks for decisions.
    """

    home: Path = Path("var")
    origin: str = "research/us-equities"
    policy: Path = SHIPPED_POLICY
    account_id: str = "demo"
    opening_cash_usd: Decimal = Decimal(1_000_000)
    first_on: date = date(2005, 1, 3)
    principal: str = "assay"


def settings(environ: Mapping[str, str]) -> Settings:
    """The settings that environment variables give, defaults for the rest.

    Raises:
        EdgeError: a variable starts with ASSAY_ and is none of ours, or cannot be read.
    """
    readers: dict[str, Callable[[str], Any]] = {
        "home": Path,
        "origin": str,
        "policy": Path,
        "account_id": str,
        "opening_cash_usd": Decimal,
        "first_on": date.fromisoformat,
        "principal": str,
    }
    known = {f"{PREFIX}{name.upper()}": name for name in readers}
    given = {variable: text for variable, text in environ.items() if variable.startswith(PREFIX)}
    unknown = sorted(given.keys() - known.keys())
    if unknown:
        message = f"environment variable {unknown[0]} is unknown; use one of {', '.join(sorted(known))}"
        raise EdgeError(message)
    values = {known[variable]: _read(variable, text, readers[known[variable]]) for variable, text in given.items()}
    return Settings(**values)


def _read(variable: str, text: str, reader: Callable[[str], Any]) -> Any:  # noqa: ANN401  # each has its type
    if not text:
        message = f"environment variable {variable} is empty; give it a value or unset it"
        raise EdgeError(message)
    try:
        return reader(text)
    except (ValueError, InvalidOperation) as error:
        message = f"environment variable {variable}={text!r} cannot be read: {error}; correct or unset it"
        raise EdgeError(message) from error
