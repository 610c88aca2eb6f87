"""INF-03: how often noise is promoted, and how often a planted edge is, over many repetitions of the whole way.

Each repetition makes a market up, begins a log of its own, and lets one round of retraining after the other run without
a person: research with its ledger and its figures, the gate, the shadow, the gate again, the promotion. The shadow lets
everything through here, so that nothing but the gates stands between noise and the champion's place. What a repetition
comes to follows from its number alone, whoever computes it.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from adapters.log_folder import log_folder
from api.use_cases.desk import environment_bytes
from api.use_cases.gates import Judgement
from api.use_cases.model_desk import ModelDesk, store_append
from api.use_cases.policies import file_bytes
from api.use_cases.research import ResearchDesk, ResearchRequest, research
from api.use_cases.retraining import Life, life_round
from dataflows.audit.made_up_markets import MadeUpMarket, made_up_snapshot
from dataflows.research.design import study_design
from dataflows.research.trials import FitResult
from governance.entries import genesis_entry
from governance.environment import environment_here, single_threaded
from governance.models import ModelRow, StageRow
from nodes.kernels.significance.proportions import Proportion, proportion
from policies.parse import parsed_policy

STUDY = Path(__file__).resolve().parents[2] / "policies" / "research" / "made-up" / "v1.yaml"
"""The study of made-up markets."""
ORIGIN = "research/error-rates"
_AT = datetime(2026, 11, 23, tzinfo=UTC)
_SHADOW: Mapping[str, float | int] = {
    "live_sessions": 100_000,
    "max_feature_psi_score": 0.0,
    "prediction_psi_score": 0.0,
    "missing_rise_frac": 0.0,
    "mmd_p_frac": 1.0,
    "live_drawdown_frac": 0.0,
    "live_shortfall_p_frac": 1.0,
}


@dataclass(frozen=True)
class Repetition:
    """One repetition.

    Attributes:
        market: what is made up.
        study: file of the research policy.
    """

    market: MadeUpMarket
    study: Path = STUDY


class _Fits(dict[bytes, FitResult]):
    """Results of fits, kept while a repetition lasts."""

    def found(self, key: bytes) -> FitResult | None:
        return self.get(key)

    def keep(self, key: bytes, result: FitResult) -> None:
        self[key] = result


def is_promoted(asked: Repetition) -> bool:
    """Whether one repetition ends with a champion."""
    single_threaded()
    with tempfile.TemporaryDirectory(prefix="assay-error-rates-") as place:
        folder = log_folder(Path(place), ORIGIN)
        try:
            with folder.store.transaction() as transaction:
                transaction.append(genesis_entry(ORIGIN, folder.key.text, _AT))
            desk = ModelDesk(
                store=folder.store,
                append=store_append(folder.store),
                clock=_noon,
                environment=environment_bytes(environment_here()),
                salt_key=_no_key,
                signer=folder.signer,
                is_direct=True,
            )
            return _has_champion(desk, asked)
        finally:
            folder.store.close()


def _has_champion(desk: ModelDesk, asked: Repetition) -> bool:
    text = file_bytes(asked.study)
    family = study_design(parsed_policy(text, asked.study.name)).family
    snapshot = made_up_snapshot(asked.market)

    def trained() -> tuple[ModelRow, Judgement]:
        request = ResearchRequest(text, asked.study.name, "retraining", "assay")
        found = research(ResearchDesk(desk, lambda: snapshot, _Fits()), request, _untold)
        return found.model, found.judgement

    life = Life(family, trained, _lived)
    life_round(desk, life)
    life_round(desk, life, is_training_due=False)
    with desk.store.reader() as reader:
        return reader.registry.champion(family) is not None


def promotion_rate(
    market: MadeUpMarket, n_repetitions: int, n_workers: int, told: Callable[[int, int], None]
) -> Proportion:
    """The share of repetitions that end with a champion, each on a market with a seed of its own.

    Args:
        market: the first market; those after it differ by their seeds, which count up from its own.
        n_repetitions: how many.
        n_workers: processes; with 1, this one does all.
        told: how many are done, and how many there are.
    """
    asked = [
        Repetition(MadeUpMarket(market.n_shares, market.n_sessions, market.reversal_frac, market.seed + number))
        for number in range(n_repetitions)
    ]
    n_promoted = 0
    for n_done, each in enumerate(_answers(asked, n_workers), 1):
        n_promoted += each
        told(n_done, n_repetitions)
    return proportion(n_promoted, n_repetitions)


def _answers(asked: list[Repetition], n_workers: int) -> Iterator[bool]:
    if n_workers == 1:
        yield from map(is_promoted, asked)
        return
    with ProcessPoolExecutor(n_workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(is_promoted, asked)


def _lived(_row: StageRow) -> Mapping[str, float | int]:
    return _SHADOW


def _noon() -> datetime:
    return _AT


def _no_key() -> None:
    return None


def _untold(_what: str, _n_done: int, _n_all: int) -> None:
    """Tell nobody."""
