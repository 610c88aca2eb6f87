"""Policies before they run: read and compiled with every fault named, and their cases answered."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from api.use_cases.studies import Study, checked_study, is_study
from dataflows.engine.case_runs import case_inputs, case_results
from dataflows.engine.compile import Generation, compiled_strategy, installed_strategy, meaning_faults
from dataflows.engine.plan import Plan
from dataflows.features import NAME as FEATURES
from dataflows.features import compiled_features
from dataflows.labels import NAME as LABELS
from dataflows.labels import compiled_labels
from nodes.vocabulary.errors import EdgeError, Fault, PlanError, PolicyError
from policies.cases import Case, CaseResult, parsed_cases, unknown_names, unmet
from policies.coverage import coverage_faults
from policies.parse import ParsedPolicy, policy_reading

_CASES_SUFFIX = ".cases.yaml"
_OF_PARAMETERS = {FEATURES: compiled_features, LABELS: compiled_labels}
"""What compiles the parameters of a name that is no strategy: nothing is decided by them."""


@dataclass(frozen=True)
class Candidate:
    """A policy that was read and compiled, and is not active by that.

    Attributes:
        text: the bytes of its file.
        parsed: the policy with its marks.
        generation: what it compiles to.
    """

    text: bytes
    parsed: ParsedPolicy
    generation: Generation


@dataclass(frozen=True)
class Parameters:
    """A policy that decides nothing: parameters of all features or all labels, for research and for audits.

    Attributes:
        parsed: the policy with its marks.
        plan: the plan of all of them.
    """

    parsed: ParsedPolicy
    plan: Plan


@dataclass(frozen=True)
class PolicyTest:
    """What running the cases of a policy showed.

    Attributes:
        cases: the cases, in the order of their file.
        results: what the engine answered to each.
        faults: every wish that was not met and every gap in what the cases cover.
    """

    cases: tuple[Case, ...]
    results: tuple[CaseResult, ...]
    faults: tuple[Fault, ...]


def file_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises EdgeError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; name a file that exists and that you may read"
        raise EdgeError(message) from error


def candidate(text: bytes, file: str) -> Candidate:
    """The candidate in a policy's text. Raises PolicyError or PlanError with every fault, of form and of meaning."""
    reading = policy_reading(text, file)
    parsed = reading.parsed
    if reading.faults or parsed is None:
        raise PolicyError([*reading.faults, *(() if parsed is None else _meaning_faults(parsed))])
    if parsed.policy.strategy in _OF_PARAMETERS:
        name = parsed.policy.strategy
        what = f"strategy {name!r} decides nothing: its policies hold parameters of {name}"
        raise PolicyError([parsed.marks.fault(("strategy",), what, "take a policy of an installed strategy for this")])
    return Candidate(text, parsed, compiled_strategy(parsed, installed_strategy(parsed.policy.strategy)))


def checked(text: bytes, file: str) -> Candidate | Parameters | Study:
    """What a policy's text holds, compiled. Raises PolicyError or PlanError with every fault of form and meaning."""
    reading = policy_reading(text, file)
    parsed = reading.parsed
    if parsed is not None and is_study(parsed):
        if reading.faults:
            raise PolicyError(reading.faults)
        return checked_study(parsed)
    if parsed is None or parsed.policy.strategy not in _OF_PARAMETERS:
        return candidate(text, file)
    if reading.faults:
        raise PolicyError(reading.faults)
    return Parameters(parsed, _OF_PARAMETERS[parsed.policy.strategy](parsed))


def _meaning_faults(parsed: ParsedPolicy) -> tuple[Fault, ...]:
    """What is wrong with what could be read of a policy whose form has faults."""
    try:
        strategy = installed_strategy(parsed.policy.strategy)
    except PlanError as error:
        parts = (complaint.rpartition("; ") for complaint in error.complaints)
        return tuple(parsed.marks.fault(("strategy",), what, mend) for what, _, mend in parts)
    return meaning_faults(parsed, strategy)


@lru_cache(maxsize=4)
def compiled_text(text: bytes, file: str) -> Candidate:
    """The candidate in a policy's text, kept: what was just tried need not be compiled again to be activated."""
    return candidate(text, file)


def cases_file(policy_file: Path) -> Path:
    """Where the cases of a policy's file belong: v3.cases.yaml beside v3.yaml."""
    return policy_file.with_name(policy_file.name.removesuffix(policy_file.suffix) + _CASES_SUFFIX)


def policy_test(tested: Candidate, text: bytes, file: str) -> PolicyTest:
    """The cases of a candidate, run. Raises PolicyError when the cases cannot be read or name what does not exist."""
    cases = parsed_cases(text, file)
    plan = tested.generation.order
    faults = unknown_names(cases, tested.parsed.policy, case_inputs(plan))
    if faults:
        raise PolicyError(faults)
    results = case_results(plan, cases)
    missed = [fault for case, result in zip(cases, results, strict=True) for fault in unmet(case, result)]
    return PolicyTest(cases, results, tuple(missed) + coverage_faults(tested.parsed, results))


def require_cases(tested: Candidate, cases: Path) -> None:
    """Run the cases in a file. Raises PolicyError when one is answered otherwise or something is left unshown."""
    result = policy_test(tested, file_bytes(cases), str(cases))
    if result.faults:
        raise PolicyError(result.faults)
