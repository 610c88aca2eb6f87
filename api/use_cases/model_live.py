"""How a version does on data that came after its training: the figures that the watch judges, from the log and a lake.

The reference and the model come from bodies that the version's entry names; the facts are those known now. A version
without a reference, or without a session since, has no figures: nobody knows yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from adapters.models.onnx_runtime import Scorer
from api.use_cases.reading import record_at
from dataflows.audit.model_drift import Measure, ModelDrift, model_drift
from dataflows.audit.model_watch import Figures, watch_figures
from dataflows.engine.plan import Plan
from dataflows.features import FeatureSnapshot
from dataflows.research.design import StudyDesign, study_design
from dataflows.research.live import LiveRecord, ModelReference, live_record, reference_from_bytes
from dataflows.research.sampling import study_plan
from governance.models import ModelRow, StageRow
from governance.ports import LogReader, LogStore
from governance.registration import REFERENCE
from nodes.kernels.discrepancy import Permutations
from nodes.kernels.significance.underperformance import Promise
from policies.parse import parsed_policy

MEASURE = Measure(n_bins=10, rare_frac=0.01, permutations=Permutations(199, 200, 20261123), max_windows=100)
TUNED_SESSIONS = 126
"""A shortfall is to be seen soonest after half a year."""


@dataclass(frozen=True, eq=False)
class ModelLive:
    """A version on live data.

    Attributes:
        family: of the version.
        version: its number.
        record: what it read, said and earned.
        drift: of what it read and said; None without a live row.
        figures: what the watch judges.
    """

    family: str
    version: int
    record: LiveRecord
    drift: ModelDrift | None
    figures: Figures


def model_live(reader: LogReader, row: StageRow, snapshot: Callable[[], FeatureSnapshot]) -> ModelLive | None:
    """How a version does on the facts of a snapshot, read when they are needed; None where nobody knows yet.

    Raises DataError or LogError when what the version stands on is missing or broken.
    """
    model = next(each for each in reader.registry.models(row.family) if each.version == row.version)
    reference = _reference(reader, model)
    if reference is None:
        return None
    design, plan = _study(reference.policy, model.name)
    scorer = Scorer(reader.body(model.artefact_ref), design.features)
    predicted = partial(scorer.scores, names=design.features)
    record = live_record(reference, design, plan, snapshot(), predicted)
    if not len(record.sessions):
        return None
    drift = model_drift(reference.sample, record.sample, MEASURE) if len(record.sample.sessions) else None
    promise = Promise(reference.mean_return, reference.deviation, TUNED_SESSIONS)
    return ModelLive(row.family, row.version, record, drift, watch_figures(drift, record.returns, promise))


def live_figures(
    store: LogStore, snapshot: Callable[[], FeatureSnapshot], tell: Callable[[ModelLive], None] | None = None
) -> Callable[[StageRow], Mapping[str, Any] | None]:
    """What asks how a version does, for rounds of the models' life; `tell` is handed all that was found of each."""

    def figures(row: StageRow) -> Mapping[str, Any] | None:
        with store.reader() as reader:
            found = model_live(reader, row, snapshot)
        if found is not None and tell is not None:
            tell(found)
        return None if found is None else found.figures

    return figures


@lru_cache(maxsize=8)
def _study(policy: bytes, name: str) -> tuple[StudyDesign, Plan]:
    """The design and the plan of a study's policy: compiled once for all rounds."""
    design = study_design(parsed_policy(policy, f"research policy of {name}"))
    return design, study_plan(design)


def _reference(reader: LogReader, model: ModelRow) -> ModelReference | None:
    """What the version's entry names for live data to be compared with."""
    ref = record_at(reader, model.sequence).entry.facts.get(REFERENCE)
    return None if ref is None else reference_from_bytes(reader.body(ref))
