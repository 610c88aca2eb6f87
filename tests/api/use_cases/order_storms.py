"""Everything that can happen to working orders, in an order drawn from a seed, against what must hold after each step.

More seeds than the tests run: `python -m tests.api.use_cases.order_storms 0 50`.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from adapters.lake.lake import Lake, bundled_lake
from adapters.log_folder import log_folder_to_read
from api.settings import SHIPPED_ASSUMPTIONS
from api.use_cases import broker
from api.use_cases.execution_reports import booked_report
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import advanced_session, dispatch
from api.use_cases.order_changes import CancelCommand, ReplaceCommand, cancelled_order, replaced_order
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.service import Service
from api.use_cases.sessions import planned_session
from governance.ports import Transaction
from nodes.journal.account import AccountState, account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, ExecutionReport
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import TimeInForce
from tests.api.use_cases.services import ACCOUNT, ordered, service_at

_UNTIL = datetime(2013, 1, 15, 21, tzinfo=UTC)
_KINDS = (
    Instructions(),
    Instructions(TimeInForce.GTD, None, _UNTIL),
    Instructions(TimeInForce.GTD, Decimal("20.00"), _UNTIL),
    Instructions(TimeInForce.CLS),
    Instructions(is_pegged=True),
)
_CAP = "max_fill_participation_frac: 0.001"


class Storm:
    """Orders of one account, and what happens to them."""

    def __init__(self, service: Service, seed: int) -> None:
        self.service = service
        self.draw = random.Random(seed)
        self.orders: list[str] = []
        self.n_names = 0

    def name(self) -> str:
        self.n_names += 1
        return f"n{self.n_names}"

    def step(self) -> None:
        """One thing that happens; what is refused changes nothing."""
        often: list[Callable[[], None]] = [self.order, self.trade, self.put_right, self.send, self.send]
        happens = self.draw.choice([*often, self.order, self.cancel, self.replace, self.move_on, self.lose, self.stop])
        with suppress(EdgeError):
            happens()

    def order(self) -> None:
        shares, symbol = self.draw.choice([100, 300, -50]), self.draw.choice(["IBM", "MSFT", "AAPL"])
        asked = {"order_shares": shares, "symbol": symbol, "instructions": self.draw.choice(_KINDS)}
        found = ordered(self.service, self.name(), **asked).cl_ord_id
        self.orders += [] if found is None else [found]

    def one(self) -> str:
        """An order."""
        if not self.orders:
            raise EdgeError("there is no order yet; draw again")
        return self.draw.choice(self.orders)

    def report(self, order_id: str, exec_type: ExecType, shares: int, corrects: str = "") -> None:
        price_usd = Decimal("25.00") if shares else Decimal(0)
        told = ExecutionReport(order_id, self.name(), exec_type, shares, price_usd, exec_ref_id=corrects)
        booked_report(self.service, told, "broker")

    def trade(self) -> None:
        self.report(self.one(), ExecType.TRADE, self.draw.choice([1, 10, 40, 100]))

    def put_right(self) -> None:
        order_id, shares = self.one(), self.draw.choice([0, 5, 30])
        fills = self.record(order_id).life.fills
        if fills:
            kind = ExecType.TRADE_CORRECT if shares else ExecType.TRADE_CANCEL
            self.report(order_id, kind, shares, self.draw.choice(fills)[0])

    def send(self) -> None:
        dispatch(self.service)

    def cancel(self) -> None:
        cancelled_order(self.service, CancelCommand(self.one(), "alice", "storm")).result()

    def replace(self) -> None:
        asked = ReplaceCommand(self.one(), "alice", self.name(), self.draw.choice([50, 150, 400]))
        found = replaced_order(self.service, asked, ACCOUNT).result().cl_ord_id
        self.orders += [] if found is None else [found]

    def move_on(self) -> None:
        advanced_session(self.service, "assay")

    def lose(self) -> None:
        """A session that the broker has executed, and whose append is lost."""
        dispatch(self.service)
        self.service.writer.submit(self._died).result()

    def _died(self, transaction: Transaction) -> None:
        desk = self.service.desk(ACCOUNT, "assay")
        decided_on = desk.account(transaction).decided_on
        assert decided_on is not None
        planned_session(desk, transaction, self.service.lake.calendar.after(decided_on), self.service.broker)
        raise EdgeError("the power went before the commit", reason="log-unavailable")

    def stop(self) -> None:
        """The kill switch is thrown and released, with or without a word of the broker in between."""
        for is_engaged in (True, False):
            asked = KillSwitchRequest(ACCOUNT, is_engaged, "risk", "storm", Decimal(100_000), self.service.clock())
            kill_switch_set(self.service.store, asked)
            if self.draw.random() < 0.5:
                dispatch(self.service)

    def record(self, order_id: str) -> OrderRecord:
        with self.service.store.reader() as reader:
            return order_record(reader, order_id)

    def account(self) -> AccountState:
        with self.service.store.reader() as reader:
            row = reader.account(ACCOUNT)
        assert row is not None
        return account_from_bytes(row.content)

    def require_sound(self) -> None:
        """No share is lost or doubled, of an order, between it and the account, or in the account."""
        state, held = self.account(), Counter[str]()
        working = {order.decision_id: abs(order.order_shares) for order in state.orders}
        for record in map(self.record, self.orders):
            life, answer = record.life, record.placed.answer
            left = working.get(answer.decision_id)
            held[answer.symbol] += life.cum_shares if answer.order_shares > 0 else -life.cum_shares
            assert life.is_whole
            assert life.cum_shares + (left or 0) <= abs(answer.order_shares)
            assert left is None or not life.is_open or left == life.leaves_shares
        assert all(state.position_shares(symbol) == shares for symbol, shares in held.items())


def weathered(lake: Lake, folder: Path, seed: int, n_steps: int = 25) -> None:
    """Let a storm pass over a new home, and verify its log. Raises AssertionError where something broke."""
    assumptions = folder / "assumptions.yaml"
    text = SHIPPED_ASSUMPTIONS.read_text(encoding="utf-8")
    assert _CAP in text
    assumptions.write_text(text.replace(_CAP, "max_fill_participation_frac: 0.00002"), encoding="utf-8")
    with service_at(folder / "home", lake, assumptions=assumptions) as service:
        storm = Storm(service, seed)
        for happens in (*[storm.step] * n_steps, storm.send, storm.move_on, storm.send):
            happens()
            storm.require_sound()
    assert log_folder_to_read(folder / "home").verification().findings == ()


def main(first: int, last: int) -> None:
    """Storms of some seeds, one after the other."""
    broker.PAUSE_S = 3600.0
    lake = bundled_lake()
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            weathered(lake, Path(folder), seed)
        print(f"seed {seed}: sound")  # noqa: T201  # a command


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
