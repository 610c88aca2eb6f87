"""Controls that public rules ask for, and where in a log their evidence is: an engineering mapping, not legal advice.

A control says in our own words what a passage asks for, and names what implements it here: nodes that rules of a policy
compare, and kinds of entries. What a log cannot show is said too, so that nobody takes silence for evidence. Which
rules are in force, and what they said, is counted by `governance.evidence_pack`.

Sources: 17 CFR 240.15c3-5 (75 FR 69792, 15 November 2010); 17 CFR 240.17a-4(f) as amended (87 FR 66412, 3 November
2022); Commission Delegated Regulation (EU) 2017/589 of 19 July 2016 (RTS 6); (EU) 2017/574 of 7 June 2016 (RTS 25).
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.entries import EntryKind

MARKET_ACCESS = "SEC Rule 15c3-5"
RECORDS = "SEC Rule 17a-4(f)"
ALGORITHMS = "MiFID II RTS 6"
CLOCKS = "MiFID II RTS 25"


@dataclass(frozen=True)
class Control:
    """One thing that a public rule asks for.

    Attributes:
        control_id: our name for it.
        regulation: the rule's name.
        citation: the passage.
        asks: what it asks for, in our words.
        shown_by: what shows it here, in words.
        nodes: names that rules of a policy compare to do it.
        kinds: entries that show it.
        outside: what no log can show of it; "" for nothing.
    """

    control_id: str
    regulation: str
    citation: str
    asks: str
    shown_by: str
    nodes: frozenset[str] = frozenset()
    kinds: tuple[EntryKind, ...] = ()
    outside: str = ""


_CFR_ACCESS, _CFR_RECORDS = "17 CFR 240.15c3-5", "17 CFR 240.17a-4"
_RTS6, _RTS25 = "(EU) 2017/589 Article", "(EU) 2017/574 Article"
_CAPITAL = frozenset(
    {
        "resulting_gross_frac",
        "resulting_weight_frac",
        "cash_after_usd",
        "account_drawdown_frac",
        "daily_loss_frac",
        "wanted_borrow_fee_frac",
    }
)
_PRICE = frozenset({"limit_distance_bps", "close_move_frac", "daily_move_frac", "gap_size_frac"})
_VALUE, _VOLUME = frozenset({"order_notional_usd"}), frozenset({"order_size_shares", "participation_frac"})
_REPEATS = frozenset({"same_orders_today_count", "day_orders_count"})
_SHORT = frozenset({"short_sale_shares", "unlocated_short_shares", "wanted_borrow_age_s"})
_THROTTLE = frozenset({"repeated_orders_count", "automation_is_disabled"})
_POLICY_KINDS = (EntryKind.PROPOSAL, EntryKind.WITHDRAWAL, EntryKind.ACTIVATION)

CONTROLS: tuple[Control, ...] = (
    Control(
        "capital-thresholds",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(c)(1)(i)",
        "Orders that would exceed pre-set credit or capital thresholds, in the aggregate, do not get out.",
        "Rules over exposure, weight, cash, loss and drawdown, asked of every order before it leaves.",
        nodes=_CAPITAL,
        outside="Whether the thresholds are appropriate is a judgement of the firm.",
    ),
    Control(
        "erroneous-orders",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(c)(1)(ii)",
        "Orders beyond price or size parameters, and repeated ones, are taken for errors and do not get out.",
        "Rules over price, size, value, share of volume, equal orders and orders a day.",
        nodes=_PRICE | _VALUE | _VOLUME | _REPEATS,
    ),
    Control(
        "requirements-before-entry",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(c)(2)(i)",
        "Orders get out only when what the rules of the market ask for beforehand is there.",
        "Rules over short sales and located borrow; halts hold orders back in the dispatcher.",
        nodes=_SHORT,
        kinds=(EntryKind.REFUSAL,),
        outside="Which requirements apply to the firm.",
    ),
    Control(
        "authorised-persons",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(c)(2)(iii)",
        "Only authorised persons and accounts reach the market.",
        "Every decision names its principal and its account; a token carries its scopes and accounts.",
        kinds=(EntryKind.DECISION,),
        outside="Who was given which token, and why.",
    ),
    Control(
        "post-trade-reports",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(c)(2)(iv)",
        "Who supervises learns of executions at once.",
        "Each execution, correction and acknowledgement is an entry, served as a stream while it is written.",
        kinds=(EntryKind.ACKNOWLEDGEMENT, EntryKind.FILL, EntryKind.CORRECTION),
        outside="Who watches.",
    ),
    Control(
        "own-control",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(d)",
        "The controls are under the direct and exclusive control of the firm.",
        "No limit changes but by an entry that names who proposed and who approved it.",
        kinds=_POLICY_KINDS,
        outside="Contracts with others who operate the system.",
    ),
    Control(
        "regular-review",
        MARKET_ACCESS,
        f"{_CFR_ACCESS}(e)",
        "The controls are reviewed regularly, at least each year, and the chief executive certifies it.",
        "This pack is what a review would read.",
        outside="The review itself and the certificate.",
    ),
    Control(
        "audit-trail-changes",
        RECORDS,
        f"{_CFR_RECORDS}(f)(2)(i)(A)(1)",
        "Every modification and deletion of a record is in the audit trail.",
        "An entry is never changed; corrections are entries of their own, and what is dropped by rule is named.",
        kinds=(EntryKind.CORRECTION, EntryKind.RETENTION, EntryKind.HOLD),
    ),
    Control(
        "audit-trail-times",
        RECORDS,
        f"{_CFR_RECORDS}(f)(2)(i)(A)(2)",
        "The trail says when a record was made, changed or deleted.",
        "Every entry says when it was recorded, to the nanosecond, and never earlier than the one before.",
    ),
    Control(
        "audit-trail-persons",
        RECORDS,
        f"{_CFR_RECORDS}(f)(2)(i)(A)(3)",
        "The trail says who did it, where somebody did.",
        "Entries that a person or a program asked for name their principal.",
    ),
    Control(
        "audit-trail-authenticity",
        RECORDS,
        f"{_CFR_RECORDS}(f)(2)(i)(A)(4)",
        "The trail keeps signatures and data that show a record to be authentic and let it be made again.",
        "A Merkle tree over all entries, signed checkpoints, archived bodies, and replay bit for bit.",
    ),
    Control(
        "verified-storage",
        RECORDS,
        f"{_CFR_RECORDS}(f)(2)(ii)",
        "The system verifies by itself that records were stored whole and right.",
        "A log is refused at start when it does not extend its newest checkpoint; `assay verify` reads every byte.",
        outside="Copies and redundancy of the storage.",
    ),
    Control(
        "copies",
        RECORDS,
        f"{_CFR_RECORDS}(f)(2)(iv)",
        "A record and its trail can be handed over readable, and in a usable electronic form.",
        "One bundle a decision, which a browser opens and a verifier of others checks; tiles and entries over HTTP.",
    ),
    Control(
        "testing",
        ALGORITHMS,
        f"{_RTS6} 5 to 8",
        "An algorithm is tested before it is deployed, and deployed in a controlled way.",
        "A policy without passing cases is refused; candidates run in the shadow or on some symbols first.",
        kinds=(EntryKind.POLICY_FAULT, EntryKind.POLICY_STAGE, EntryKind.GATE, EntryKind.SHADOW),
    ),
    Control(
        "annual-assessment",
        ALGORITHMS,
        f"{_RTS6} 9",
        "Systems and controls are assessed and validated each year.",
        "This pack is what an assessment would read.",
        outside="The assessment, its independence and its report.",
    ),
    Control(
        "material-changes",
        ALGORITHMS,
        f"{_RTS6} 11",
        "A material change is reviewed by somebody named before it is made.",
        "Proposal, approval and activation are entries; where approval is required, the proposer cannot give it.",
        kinds=(*_POLICY_KINDS, EntryKind.PROMOTION_PROPOSAL, EntryKind.PROMOTION, EntryKind.ROLLBACK),
    ),
    Control(
        "kill-functionality",
        ALGORITHMS,
        f"{_RTS6} 12",
        "All unexecuted orders can be cancelled at once.",
        "A kill switch an account: its use is an entry, and each order that it takes back is one.",
        nodes=frozenset({"kill_switch_is_engaged"}),
        kinds=(EntryKind.KILL_SWITCH, EntryKind.CANCEL, EntryKind.CANCEL_REQUEST),
    ),
    Control(
        "surveillance",
        ALGORITHMS,
        f"{_RTS6} 13",
        "Orders are watched for signs of market manipulation.",
        "Nothing here does that; orders and executions can be read by a system that does.",
        outside="All of it.",
    ),
    Control(
        "price-collars",
        ALGORITHMS,
        f"{_RTS6} 15(1)(a)",
        "Orders outside set price parameters are blocked.",
        "Rules over the distance of a limit from the market, and over gaps and moves.",
        nodes=_PRICE,
    ),
    Control(
        "order-values",
        ALGORITHMS,
        f"{_RTS6} 15(1)(b)",
        "Orders of uncommonly large value are blocked.",
        "Rules over the notional of an order.",
        nodes=_VALUE,
    ),
    Control(
        "order-volumes",
        ALGORITHMS,
        f"{_RTS6} 15(1)(c)",
        "Orders of uncommonly large size are blocked.",
        "Rules over shares and over the share of a day's volume.",
        nodes=_VOLUME,
    ),
    Control(
        "message-limits",
        ALGORITHMS,
        f"{_RTS6} 15(1)(d)",
        "Messages are limited in number.",
        "Rules over orders a day and equal orders; the edge limits requests a principal.",
        nodes=_REPEATS,
    ),
    Control(
        "execution-throttles",
        ALGORITHMS,
        f"{_RTS6} 15",
        "Repeated automated execution stops until a person lets it go on.",
        "Rules over repeated orders; a throttle, and its release by a named person, are entries.",
        nodes=_THROTTLE,
        kinds=(EntryKind.THROTTLE,),
    ),
    Control(
        "risk-limits",
        ALGORITHMS,
        f"{_RTS6} 15",
        "Market and credit risk limits hold at every order.",
        "Rules over exposure, weight, cash, loss and drawdown.",
        nodes=_CAPITAL,
    ),
    Control(
        "monitoring",
        ALGORITHMS,
        f"{_RTS6} 16",
        "Trading is watched in real time and what goes wrong is acted upon.",
        "Incidents are entries, from which their record is written.",
        kinds=(EntryKind.INCIDENT,),
        outside="Alerts and who was on duty: they are kept beside the log.",
    ),
    Control(
        "post-trade-controls",
        ALGORITHMS,
        f"{_RTS6} 17",
        "Own records are reconciled with those of brokers and venues.",
        "Each statement and what it was held to is an entry.",
        kinds=(EntryKind.RECONCILIATION, EntryKind.CORRECTION),
    ),
    Control(
        "order-records",
        ALGORITHMS,
        f"{_RTS6} 28",
        "Records of orders and of the decisions behind them are kept.",
        "Every decision with everything that it was computed from, allowed or not.",
        kinds=(EntryKind.DECISION, EntryKind.PLAN),
        outside="The prescribed formats of fields.",
    ),
    Control(
        "clocks",
        CLOCKS,
        f"{_RTS25} 2 to 4",
        "Business clocks agree with UTC within a stated accuracy, traceably.",
        "Every entry has an instant in UTC; a decision whose market time is too old is refused.",
        outside="How the machine's clock is synchronised, and the proof of it.",
    ),
)
"""All controls, by regulation and passage."""
