"""Desks for the tests of models: a log in a folder, and a family with versions that are ready for promotion."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

from adapters.log_folder import LogFolder, log_folder
from api.use_cases.desk import environment_bytes
from api.use_cases.model_desk import ModelDesk, store_append
from api.use_cases.model_registration import registered_model, trial_ledger
from api.use_cases.model_work import Asked, ModelOutcome
from api.use_cases.promotions import approved_promotion, moved_model, proposed_promotion
from governance.entries import genesis_entry
from governance.environment import environment_here
from governance.models import ModelRow, Stage
from tests.governance.examples import NOON, ORIGIN
from tests.governance.model_examples import FAMILY, GOOD, content, noon

FULL = {**GOOD, "oos_sessions": 1000.0, "oos_sharpe_score": 1.2, "oos_max_drawdown_frac": 0.1}


def opened(path: Path) -> LogFolder:
    """A log with its genesis; one is made and copied, for making tables takes a while."""
    shutil.copytree(_template(), path, dirs_exist_ok=True)
    return log_folder(path, ORIGIN)


@cache
def _template() -> Path:
    place = Path(tempfile.mkdtemp(prefix="assay-models-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    folder = log_folder(place, ORIGIN)
    with folder.store.transaction() as transaction:
        transaction.append(genesis_entry(ORIGIN, folder.key.text, NOON))
    folder.store.close()
    return place


def desk_of(folder: LogFolder, clock: Callable[[], datetime] = noon, *, is_direct: bool = False) -> ModelDesk:
    """A desk over a log."""
    return ModelDesk(
        store=folder.store,
        append=store_append(folder.store),
        clock=clock,
        environment=environment_bytes(environment_here()),
        salt_key=lambda: b"k" * 32,
        signer=folder.signer,
        is_direct=is_direct,
    )


def challenger(desk: ModelDesk, number: int = 1, figures: Mapping[str, float] | None = None) -> ModelRow:
    """A version that may be proposed, with good figures but for some; it differs from others by its number."""
    trial_ledger(desk, FAMILY).all_recorded("study", [{"depth": depth} for depth in range(3)])
    made = content(3, {**FULL, **(figures or {})}, b"onnx %d" % number)
    row = registered_model(desk, made, "ada", "it was tested")
    for stage in (Stage.SHADOW, Stage.CHALLENGER):
        moved_model(desk, Asked(row.family, row.version, "ada", "it was tested"), stage)
    return row


def asked(version: int = 1, principal: str = "ada", why: str = "it was tested", if_match: bytes | None = None) -> Asked:
    """Someone asks for something about a version."""
    return Asked(FAMILY, version, principal, why, if_match)


def promoted(desk: ModelDesk, number: int = 1) -> ModelOutcome:
    """A version that ada proposed and bob approved."""
    found = challenger(desk, number)
    proposed_promotion(desk, asked(found.version))
    return approved_promotion(desk, asked(found.version, "bob", "I read the card"))
