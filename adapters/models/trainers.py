"""The trainers by the names that policies call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from adapters.models import forest, light_gbm, linear, xg_boost
from adapters.models.forest import RandomForest
from adapters.models.knobs import Knob, turned
from adapters.models.light_gbm import LightGbm
from adapters.models.linear import Linear
from adapters.models.rows import Kind
from adapters.models.xg_boost import XgBoost
from dataflows.research.design import Choice, Range, StudyDesign
from dataflows.research.ports import Trainer
from nodes.vocabulary.errors import DataError, Fault

_MADE: dict[str, Callable[[Kind], Trainer]] = {
    "random-forest": RandomForest,
    "lightgbm": LightGbm,
    "xgboost": XgBoost,
    "linear": Linear,
}
_KNOBS: dict[str, Mapping[str, Knob]] = {
    "random-forest": forest.KNOBS,
    "lightgbm": light_gbm.KNOBS,
    "xgboost": xg_boost.KNOBS,
    "linear": linear.KNOBS,
}
TRAINERS = tuple(sorted(_MADE))
"""Every name."""


def trainer(name: str, kind: Kind) -> Trainer:
    """The trainer of a name, for classes or for values. Raises DataError for a name that there is not."""
    if name not in _MADE:
        message = f"there is no trainer {name!r}; name one of {', '.join(TRAINERS)}"
        raise DataError(message)
    return _MADE[name](kind)


def space_faults(design: StudyDesign) -> tuple[Fault, ...]:
    """What the trainers of a study do not know of what it searches: told before anything is tried or counted."""
    faults, marks = [], design.nodes.marks
    for model in design.models:
        if model.name not in _MADE:
            what = f"there is no trainer {model.name!r}"
            faults.append(marks.fault(("params", "models"), what, f"name one of {', '.join(TRAINERS)}"))
            continue
        for name, wanted in model.space.items():
            complaint = _complaint(model.name, name, wanted)
            if complaint:
                what, _, mend = complaint.partition("; ")
                parameter = f"{model.name.replace('-', '_')}_{name}"
                faults.append(marks.fault(("params", parameter), what, mend))
    return tuple(faults)


def _complaint(model: str, name: str, wanted: Range | Choice) -> str:
    """What a trainer says of a setting, at both ends of what is searched, or nothing."""
    try:
        for value in (wanted.low, wanted.high) if isinstance(wanted, Range) else wanted.values:
            turned(model, _KNOBS[model], {name: value})
    except DataError as error:
        return str(error)
    return ""
