"""Research policies, checked whole before anything is tried: form, features, labels, folds, and what trainers know."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from adapters.models.trainers import space_faults
from dataflows.engine.plan import Plan
from dataflows.research.design import StudyDesign, study_design
from dataflows.research.sampling import study_plan
from nodes.vocabulary.errors import PolicyError
from policies.parse import ParsedPolicy, parsed_policy

_OF_STUDIES = ("feature_names", "models", "n_trials")


@dataclass(frozen=True)
class Study:
    """A research policy that can be run.

    Attributes:
        parsed: the policy with its marks.
        design: what it asks.
        plan: of its features.
    """

    parsed: ParsedPolicy
    design: StudyDesign
    plan: Plan


@lru_cache(maxsize=4)
def study_of(text: bytes, file: str) -> Study:
    """The study in a research policy's text. Raises PolicyError or PlanError with every fault.

    Kept, since a walk through a backtest asks for the same one before each of its stretches.
    """
    return checked_study(parsed_policy(text, file))


def is_study(parsed: ParsedPolicy) -> bool:
    """Whether a policy is one of research: it names features and models, and has no rules."""
    policy = parsed.policy
    return not policy.rules and not policy.signal and any(name in policy.params for name in _OF_STUDIES)


def checked_study(parsed: ParsedPolicy) -> Study:
    """The study of a research policy. Raises PolicyError or PlanError with every fault."""
    design = study_design(parsed)
    faults = space_faults(design)
    if faults:
        raise PolicyError(faults)
    return Study(parsed, design, study_plan(design))
