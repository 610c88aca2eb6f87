"""How a broker says that an order stands, and the word that the log takes of it."""

from __future__ import annotations

from dataclasses import dataclass

from nodes.vocabulary.executions import Acknowledgement, ExecType, OrdStatus

CLOSED = frozenset(
    {OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.REPLACED, OrdStatus.REJECTED, OrdStatus.EXPIRED},
)
NOTHING_LEFT = frozenset({OrdStatus.CANCELED, OrdStatus.REPLACED, OrdStatus.EXPIRED})
_MAX_TEXT = 128


@dataclass(frozen=True, slots=True)
class Standing:
    """An order as its broker has it.

    Attributes:
        cl_ord_id: ClOrdID (11).
        status: OrdStatus (39).
        cum_shares: CumQty (14).
        leaves_shares: LeavesQty (151); 0 of a closed one.
        text: Text (58): why, where the broker says so.
        broker_id: OrderID (37), the broker's own name for it.
    """

    cl_ord_id: str
    status: OrdStatus
    cum_shares: int = 0
    leaves_shares: int = 0
    text: str = ""
    broker_id: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can still trade."""
        return self.status not in CLOSED


def word(standing: Standing) -> Acknowledgement:
    """What the log takes of it.

    An order that expired counts as canceled by its broker, with the reason in words: nobody asked for either. A fill is
    no word: each is reported by itself.
    """
    name, text = standing.cl_ord_id, shown(standing.text)
    if standing.status is OrdStatus.REJECTED:
        return Acknowledgement(name, f"{name}-8", ExecType.REJECTED, OrdStatus.REJECTED, 0, standing.cum_shares, text)
    if standing.status in NOTHING_LEFT:
        said = text or ("it expired" if standing.status is OrdStatus.EXPIRED else "")
        return Acknowledgement(name, f"{name}-4", ExecType.CANCELED, OrdStatus.CANCELED, 0, standing.cum_shares, said)
    if standing.status is OrdStatus.FILLED:
        return Acknowledgement(name, f"{name}-2", ExecType.NEW, OrdStatus.FILLED, 0, standing.cum_shares, text)
    return Acknowledgement(
        name, f"{name}-0", ExecType.NEW, OrdStatus.NEW, standing.leaves_shares, standing.cum_shares, text
    )


def never_came(cl_ord_id: str) -> Acknowledgement:
    """The word on an order that was taken back before it reached its broker."""
    return word(Standing(cl_ord_id, OrdStatus.CANCELED, text="it had not reached the broker"))


def shown(text: str) -> str:
    """A broker's words as the log can show them: one line, printable, not too long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:_MAX_TEXT].strip()
