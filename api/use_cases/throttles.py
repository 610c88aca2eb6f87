"""The throttle of an account: automation that repeats itself is disabled, and a named person lets it go on.

Which row of orders is too long says the policy, in the rule `repeated-execution`. The append in which that rule fails
disables the account's automated execution, in its state and by an entry that cites the decision; the rule `automation`
then denies whatever adds risk, after a restart too, until a person has said why it may go on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.use_cases.desk import Desk
from api.use_cases.persons import CLOCKWORK, person
from dataflows.engine.decision import RuleOutcome
from governance.entries import Entry, EntryKind
from governance.ports import LogReader, LogStore, Transaction
from nodes.journal.account import AccountState, account_from_bytes, after_release, after_throttle
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.verdict import Outcome

RULE = "repeated-execution"
"""The rule whose failing disables."""


@dataclass(frozen=True)
class ThrottleRelease:
    """Who lets automation go on, and why.

    Attributes:
        account_id: whose.
        principal: who asks: a person.
        reason: why it may go on, in words.
        at: now, by the shell's clock.
        needs_second_person: whether it takes another person than the one whose order tripped the throttle, as the
            terms of risk say.
    """

    account_id: str
    principal: str
    reason: str
    at: datetime
    needs_second_person: bool


@dataclass(frozen=True)
class ThrottleUse:
    """One use of a throttle, as the log has it.

    Attributes:
        sequence: of the entry.
        at: when it was recorded.
        is_disabled: whether it disabled automation.
        principal: who did it; of a decision, who asked for the order.
        reason: why.
        decision_id: the decision that tripped it; None for a release.
    """

    sequence: int
    at: datetime
    is_disabled: bool
    principal: str
    reason: str
    decision_id: bytes | None


def trips(failed: Iterable[RuleOutcome]) -> bool:
    """Whether a decision shows a row of orders that is too long."""
    return any(rule.rule_id == RULE and rule.outcome is Outcome.FAILS for rule in failed)


def throttle(desk: Desk, transaction: Transaction, decision_id: bytes, as_of: datetime) -> None:
    """Disable an account's automated execution inside the append of the decision that showed why."""
    after = after_throttle(desk.account(transaction))
    facts = {
        "account_id": desk.account_id,
        "account_digest": desk.save_account(transaction, after),
        "is_disabled": True,
        "principal": desk.principal,
        "reason": f"rule {RULE} did not hold",
        "decision_id": decision_id,
    }
    transaction.append(Entry(EntryKind.THROTTLE, desk.store.origin, as_of, desk.clock(), facts))


def throttle_released(store: LogStore, release: ThrottleRelease) -> bool:
    """Let automation go on, durably. Returns whether that changed anything.

    Raises EdgeError when no person asks, no reason is given, or it takes another person than the one who asks.
    """
    if person(release.principal) in {"", person(CLOCKWORK)}:
        message = f"{release.principal!r} names no person; ask under the name of whoever looked at the orders"
        raise EdgeError(message, reason="bad-request")
    if not release.reason.strip() or not release.reason.isprintable():
        raise EdgeError("no reason is given why automation may go on; say it in a line of words", reason="invalid")
    with store.transaction() as transaction:
        content = transaction.account(release.account_id)
        state = None if content is None else account_from_bytes(bytes(content))
        if state is None or not state.automation_is_disabled:
            return False
        if release.needs_second_person:
            _require_another(store, release)
        after = after_release(state)
        facts = {
            "account_id": release.account_id,
            "account_digest": after.digest,
            "is_disabled": False,
            "principal": release.principal,
            "reason": release.reason,
        }
        transaction.append(Entry(EntryKind.THROTTLE, store.origin, release.at, release.at, facts))
        transaction.save_account(release.account_id, after)
    return True


def _require_another(store: LogStore, release: ThrottleRelease) -> None:
    """Raises EdgeError for the person whose order tripped the throttle; inside the append, so that no use is newer."""
    with store.reader() as reader:
        tripped = next((use for use in throttle_uses(reader, release.account_id) if use.is_disabled), None)
    if tripped is not None and person(tripped.principal) == person(release.principal):
        message = (
            f"an order of {tripped.principal!r} tripped the throttle (entry {tripped.sequence}), so that "
            f"{release.principal!r} cannot release it; ask a second person"
        )
        raise EdgeError(message, reason="self-approval")


def throttle_state(reader: LogReader, account_id: str) -> AccountState | None:
    """The account whose throttle is asked about; None before it has one."""
    row = reader.account(account_id)
    return None if row is None else account_from_bytes(row.content)


def throttle_uses(reader: LogReader, account_id: str) -> tuple[ThrottleUse, ...]:
    """Every time that the automation of an account was disabled or let go on, newest first."""
    uses = [
        ThrottleUse(
            sequence=record.sequence,
            at=record.entry.recorded_at,
            is_disabled=record.entry.facts["is_disabled"],
            principal=record.entry.facts["principal"],
            reason=record.entry.facts["reason"],
            decision_id=record.entry.facts.get("decision_id"),
        )
        for record in reader.of_kind(EntryKind.THROTTLE)
        if record.entry.facts["account_id"] == account_id
    ]
    return tuple(reversed(uses))


def use_text(use: ThrottleUse) -> str:
    """A use of a throttle in a line."""
    word = "disabled" if use.is_disabled else "let go on"
    return f"{instant_text(use.at)}: {word} by {use.principal}: {use.reason}"
