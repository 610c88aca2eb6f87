"""What a research run leaves behind: its trials in the ledger, its model in the registry, the gate's word on it."""

from __future__ import annotations

from functools import partial

from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_work import Asked
from api.use_cases.promotions import judged_version
from governance.models import ModelContent, ModelRow
from governance.registration import Act, registered
from governance.trial_ledger import TrialLedger


def trial_ledger(desk: ModelDesk, family: str) -> TrialLedger:
    """The ledger of a family: a trial is written down there before its model is fitted, and counted there."""
    return TrialLedger(desk.store, family, desk.clock)


def registered_model(desk: ModelDesk, content: ModelContent, principal: str, why: str) -> ModelRow:
    """A model version, registered as a candidate; the one that it is when the same was registered before.

    Raises LogError when its figures were deflated by another number of trials than the ledger holds (stale-trials).
    """
    act = Act(desk.store.origin, principal, desk.clock(), why)
    with desk.lock:
        return desk.append(partial(registered, content=content, act=act))


def registered_and_judged(
    desk: ModelDesk, content: ModelContent, principal: str, why: str
) -> tuple[ModelRow, Judgement]:
    """The same, and what the gate of the log says of it: the verdict that a research report prints."""
    row = registered_model(desk, content, principal, why)
    return row, judged_version(desk, Asked(row.family, row.version, principal, why))
