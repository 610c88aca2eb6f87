"""`assay order report`: a trade that a broker reports of its own accord, booked from the command line."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

import typer

from api.bootstrap import open_service
from api.cli.execution import OrderArgument, print_life
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.place import HomeOption
from api.cli.serving import serving_settings
from api.cli.worked import amount
from api.http.schemas.execution import execution_order_view
from api.log_parts import require_log
from api.use_cases.execution_reports import booked_report
from nodes.vocabulary.executions import ExecType, ExecutionReport


class Kind(Enum):
    """Reports as people write them."""

    TRADE = "trade"
    CORRECT = "correct"
    CANCEL = "cancel"


_TYPES = {Kind.TRADE: ExecType.TRADE, Kind.CORRECT: ExecType.TRADE_CORRECT, Kind.CANCEL: ExecType.TRADE_CANCEL}


@dataclass(frozen=True)
class TradeOptions:
    """What the report says."""

    exec_id: Annotated[str, typer.Option("--exec-id", help="The broker's name for the report (ExecID).")]
    shares: Annotated[int, typer.Option("--shares", min=0, help="How many traded, as it is right.")] = 0
    price: Annotated[str, typer.Option("--price", help="At which price, as it is right.")] = "0"
    fees: Annotated[str, typer.Option("--fees", help="What the broker charges for it, in USD.")] = "0"
    about: Annotated[str, typer.Option("--about", help="The ExecID that is corrected or never was.")] = ""
    venue: Annotated[str, typer.Option("--venue", help="Where it traded.")] = ""
    part: Annotated[str, typer.Option("--part", help="ClOrdID of the part that traded.")] = ""
    text: Annotated[str, typer.Option("--text", help="What the broker says beside it.")] = ""


@grouped
def report(
    order: OrderArgument,
    kind: Annotated[Kind, typer.Argument(help="A trade, the correction of one, or that one never was.")],
    trade: TradeOptions,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Book a trade that a broker reports, the correction of one, or that one never was; known by its ExecID."""
    settings = serving_settings(home)
    require_log(settings)
    said = ExecutionReport(
        order_id=order,
        exec_id=trade.exec_id,
        exec_type=_TYPES[kind],
        last_shares=trade.shares,
        last_price_usd=amount("--price", trade.price),
        fee_usd=amount("--fees", trade.fees),
        exec_ref_id=trade.about,
        venue=trade.venue,
        part_id=trade.part,
        text=trade.text,
    )
    with open_service(settings) as service:
        found = booked_report(service, said, settings.principal)
    view = execution_order_view(found.record)
    if as_json:
        print_json(view)
        return
    out().print(f"{trade.exec_id}: {found.taken.value.replace('-', ' ')}")
    print_life(view)
