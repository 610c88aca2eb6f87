"""A dry check of a policy that is being written: every fault with its place, and how it differs from what runs.

Nothing is appended and nothing changes. The text is tried where candidates are tried: apart from what serves, and
stopped when it uses up too much.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.use_cases.candidates import CandidateFiles
from api.use_cases.policy_log import PolicyEvent
from api.use_cases.policy_standing import standing
from api.use_cases.reloading import forbidding, trial_of
from api.use_cases.service import Service
from nodes.vocabulary.errors import Fault
from policies.diff import Change, differences
from policies.parse import policy_reading


@dataclass(frozen=True)
class PolicyCheck:
    """What a dry check shows.

    Attributes:
        faults: everything wrong: with its form, its meaning, its cases, and with following what runs.
        name: family and version; "" while its form has faults.
        policy_digest: its identity; empty when its form or its meaning has faults.
        n_cases: how many cases were answered as they want; None when none came with it or they were not run.
        active: what runs.
        changes: how it differs from that; () while its form has faults.
    """

    faults: tuple[Fault, ...]
    name: str
    policy_digest: bytes
    n_cases: int | None
    active: PolicyEvent
    changes: tuple[Change, ...]

    @property
    def is_sound(self) -> bool:
        """Whether it could be handed in as it stands, if its cases came with it."""
        return not self.faults


def policy_check(service: Service, files: CandidateFiles) -> PolicyCheck:
    """What is wrong with a policy that is being written, and what it would change."""
    found = standing(service)
    active = found.log.activations[-1]
    trial = trial_of(service, files)
    if files.is_too_large:
        return PolicyCheck(trial.faults, "", b"", None, active, ())
    reading = policy_reading(files.text, files.file)
    if reading.parsed is None or reading.faults:
        return PolicyCheck(trial.faults, "", b"", None, active, ())
    policy = reading.parsed.policy
    faults = dict.fromkeys((*trial.faults, *forbidding(service, reading.parsed, found, service.clock())))
    changes, name = differences(found.newest.policy, policy), f"{policy.family} v{policy.version}"
    n_cases = None if files.cases is None or trial.faults else trial.n_cases
    return PolicyCheck(tuple(sorted(faults)), name, trial.policy_digest, n_cases, active, changes)
