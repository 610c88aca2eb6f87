"""Model cards and deployment memos, generated from the registry and the log: every figure with the digest behind it.

A card says what a version is and what is known of it. A memo says why it may decide, who says so, and how it is taken
back; it is signed with the log's key, and the entry of the promotion names both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.use_cases.gates import Judgement
from api.use_cases.model_log import ModelEvent
from governance.models import REQUIRED_EVIDENCE, ModelRow, StageRow
from governance.papers import Paper, Section, Table, facts_table
from governance.ports import LogReader
from nodes.vocabulary.canonical import decode, digest_text
from nodes.vocabulary.instants import instant_from_ns, instant_text

_MEANINGS: Mapping[str, str] = {
    "spa_p_frac": "chance that the best of the trials looks so good by luck (SPA test)",
    "dsr_frac": "probability that its Sharpe ratio beats that of the luckiest trial (deflated Sharpe ratio)",
    "pbo_frac": "probability that the choice was overfitted (CSCV)",
    "oos_sessions": "sessions out of sample",
    "oos_sharpe_score": "annualised Sharpe ratio out of sample, costs paid",
    "oos_max_drawdown_frac": "largest loss from a peak out of sample",
}
_MOST_CHARACTERS = 200


def model_card(reader: LogReader, model: ModelRow, stage: StageRow, events: tuple[ModelEvent, ...]) -> Paper:
    """The card of a version as the registry and the log know it.

    Args:
        reader: a view of the log.
        model: the version.
        stage: how far it has come.
        events: entries about it, oldest first.
    """
    content = decode(reader.body(model.evidence_ref))
    return Paper(
        f"Model card: {model.name}",
        (
            Section("What it is", (_identity(model, stage, content["details"]),)),
            Section("What is known of it", _evidence_parts(model, content["evidence"])),
            Section("What it reads", (_features(model),)),
            Section("Where it comes from", (_sources(model),)),
            Section("How it was made", _details(content["details"])),
            Section("What became of it", (_history(events),)),
        ),
    )


def deployment_memo(model: ModelRow, judgement: Judgement, signatories: Mapping[str, str], rollback: str) -> Paper:
    """The memo of a promotion.

    Args:
        model: the version.
        judgement: what the gate said of it.
        signatories: who proposed and approved it and why, by role.
        rollback: how it is taken back, in a sentence.
    """
    run, entry = judgement.run, judgement.entry
    facts = entry.entry.facts
    verdict = (
        f"The gate {facts['policy']} said {run.action.value} ({run.verdict.label}) in entry {entry.sequence}, trace "
        f"{digest_text(run.trace.digest)}, policy {digest_text(facts['policy_digest'])}."
    )
    return Paper(
        f"Deployment memo: {model.name}",
        (
            Section("What is deployed", (_what(model),)),
            Section("Who decided", (facts_table(signatories.items()),)),
            Section("What the gates said", (verdict, gate_table(run))),
            Section("How it is taken back", (rollback,)),
        ),
    )


def rollback_memo(model: ModelRow, dethroned: StageRow | None, earlier: ModelEvent, who: Mapping[str, str]) -> Paper:
    """The memo of a rollback: which version decides again, since when it was approved, and who took it back."""
    from_version = "no version" if dethroned is None else dethroned.name
    words = (
        f"{model.name} decides again in place of {from_version}. It was made champion before by entry "
        f"{earlier.sequence} ({digest_text(earlier.entry_id)}), whose gates and approval hold for it."
    )
    parts = (Section("What is deployed", (_what(model), words)), Section("Who decided", (facts_table(who.items()),)))
    return Paper(f"Rollback memo: {model.name}", parts)


def gate_table(run: Any) -> Table:  # noqa: ANN401  # a GateRun or a recorded one
    """The whole truth table of a gate."""
    rows = tuple((rule.rule_id, rule.outcome.value, rule.verdict.label, rule.because or "-") for rule in run.rules)
    return Table(("rule", "outcome", "verdict", "because"), rows)


def _identity(model: ModelRow, stage: StageRow, details: Mapping[str, Any]) -> Table:
    trainer = details.get("trainer")
    return facts_table(
        (
            ("family and version", model.name),
            ("stage", f"{stage.stage}, since entry {stage.sequence}"),
            *((("trainer", str(trainer)),) if trainer is not None else ()),
            ("registered", f"{instant_text(instant_from_ns(model.created_at_ns))}, entry {model.sequence}"),
            ("model digest", digest_text(model.model_digest)),
        )
    )


def _what(model: ModelRow) -> Table:
    return facts_table(
        (
            ("family and version", model.name),
            ("model digest", digest_text(model.model_digest)),
            ("artefact", digest_text(model.artefact_digest)),
            ("trials", f"{model.n_trials}, ledger {digest_text(model.trials_digest)}"),
        )
    )


def _evidence_parts(model: ModelRow, evidence: Mapping[str, float]) -> tuple[str | Table, ...]:
    rows = tuple((name, f"{value:.6g}", _MEANINGS.get(name, "")) for name, value in sorted(evidence.items()))
    lacking = [name for name in REQUIRED_EVIDENCE if name not in evidence]
    words = (
        f"Judged over {model.n_trials} trials, counted by the ledger. Evidence {digest_text(model.evidence_digest)}."
    )
    missing = (f"Not known: {', '.join(lacking)}. Without them it cannot become champion.",) if lacking else ()
    return (words, *missing, Table(("figure", "value", "meaning"), rows))


def _features(model: ModelRow) -> Table:
    names = model.features.split(",")
    return Table(("input", "feature"), tuple((str(place), name) for place, name in enumerate(names, 1)))


def _sources(model: ModelRow) -> Table:
    return facts_table(
        (
            ("data", digest_text(model.data_digest)),
            ("code", digest_text(model.code_digest)),
            ("research policy", digest_text(model.policy_digest)),
            ("trial ledger", digest_text(model.trials_digest)),
            ("exported model", digest_text(model.artefact_digest)),
        )
    )


def _details(details: Mapping[str, Any]) -> tuple[str | Table, ...]:
    rows = tuple((name, _shown(value)) for name, value in sorted(details.items()))
    return (facts_table(rows),) if rows else ("Nothing else was recorded.",)


def _shown(value: Any) -> str:  # noqa: ANN401  # any value of the vocabulary
    text = digest_text(value) if isinstance(value, bytes) else str(value)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}..."


def _history(events: tuple[ModelEvent, ...]) -> Table:
    rows = tuple(
        (str(event.sequence), instant_text(event.at), event.kind, event.principal, _said(event)) for event in events
    )
    return Table(("entry", "when", "what", "who", "why"), rows)


def _said(event: ModelEvent) -> str:
    words = [event.because]
    if event.kind == "gate":
        words.append(f"{event.facts['gate']}: {event.facts['action']}")
        words += list(event.facts["reasons"])
    elif "stage" in event.facts:
        words.append(f"now {event.facts['stage']}")
    return "; ".join(word for word in words if word)
