"""How a service's policies stand, and what keeps two who change them at once apart.

The state of a log's policies is the entry that last moved any of them on: an activation, a proposal, a withdrawal or a
stage. Who changes something names the state that it is made for, and every append asks once more, where nobody else
can come between, whether that is still the newest.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.use_cases.activation import LoggedActivation, logged_activation
from api.use_cases.policy_log import PolicyEvent, PolicyLog, policy_log
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.policy_stages import PolicyStage
from governance.ports import Transaction
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, Fault, LogError, PolicyError
from nodes.vocabulary.instants import instant_text

_STAGES = {
    PolicyStage.CHECKED.value: "checked {}",
    PolicyStage.SHADOW.value: "put {} into the shadow",
    PolicyStage.CANARY.value: "made {} a canary",
    PolicyStage.ENDED.value: "took {} out of the shadow",
}


@dataclass(frozen=True)
class Standing:
    """What the log said of policies when a change was compared with it.

    Attributes:
        log: everything about policies.
        newest: what runs.
    """

    log: PolicyLog
    newest: LoggedActivation

    @property
    def active_digest(self) -> bytes:
        """The policy that runs."""
        found: bytes = self.newest.facts["policy_digest"]
        return found


def standing(service: Service) -> Standing:
    """What the log says of the service's strategy now."""
    strategy = service.generations.current.generation.policy.strategy
    with service.store.reader() as reader:
        newest = logged_activation(reader, strategy)
        if newest is None:
            message = f"log {service.store.origin!r} has lost its activation of {strategy!r}; verify it"
            raise LogError(message)
        return Standing(policy_log(reader, strategy), newest)


def require_match(found: Standing, if_match: int | None) -> None:
    """Raises EdgeError when policies stand otherwise than in the state that somebody believes them to be in."""
    if if_match is not None and if_match != found.log.state:
        message = (
            f"policies stand as entry {found.log.state} left them, not entry {if_match}; read the status again and "
            "decide anew"
        )
        raise EdgeError(message, reason="stale-condition")


def require_unmoved(service: Service, transaction: Transaction, found: Standing) -> None:
    """Raises PolicyError when anything moved a policy on meanwhile, be it the same policy under other code."""
    strategy = str(found.newest.facts["strategy"])
    now = transaction.activation(strategy)
    if now is None or now.sequence != found.newest.sequence:
        named = "none" if now is None else f"{digest_text(now.policy_digest)} (entry {now.sequence})"
        what = f"another policy became active meanwhile: {named}"
        raise PolicyError([Fault(strategy, 0, 0, what, "start from that one")], reason="policy-conflict")
    moved = standing(service).log.since(found.log.state)  # nobody else commits while this append is open
    if moved:
        what = f"policies moved on meanwhile: {told_step(moved[-1])}"
        raise PolicyError(
            [Fault(strategy, 0, 0, what, "look at the status, and decide anew")], reason="policy-conflict"
        )


def told_step(event: PolicyEvent) -> str:
    """Who did what to which policy, and when, e.g. "ann put us-equities v2 into the shadow at ... (entry 17)"."""
    second = event.facts.get("approved_by")
    by = f"{event.principal}, approved by {second}," if second else event.principal
    return f"{by} {_verb(event).format(event.name)} at {instant_text(event.at)} (entry {event.sequence})"


def _verb(event: PolicyEvent) -> str:
    match EntryKind(event.kind):
        case EntryKind.POLICY_STAGE:
            return _STAGES[event.facts["stage"]]
        case EntryKind.PROPOSAL:
            return "scheduled {}" if event.facts["is_approved"] else "proposed {}"
        case EntryKind.WITHDRAWAL:
            return "withdrew {}"
        case _:
            return "went back to {}" if event.facts.get("is_rollback") else "activated {}"
