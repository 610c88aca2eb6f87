"""A service on the demo's data whose orders go to a local IB gateway, over a lost connection."""

from __future__ import annotations

from pathlib import Path

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.bootstrap import open_service
from api.settings import BrokerKind
from api.use_cases.market import opened_market
from api.use_cases.order_changes import CancelCommand, cancelled_order
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.service import Service
from nodes.vocabulary.executions import OrdStatus
from tests.adapters.brokers.interactive_brokers.gateway import ACCOUNT, Gateway, served
from tests.api.use_cases.services import ordered, paper_settings
from tests.api.use_cases.test_broker_watch import until


def record(service: Service, name: str) -> OrderRecord:
    with service.store.reader() as reader:
        return order_record(reader, name)


def test_an_order_trades_at_ib_is_cut_off_and_canceled_and_all_of_it_is_in_the_log(tmp_path: Path) -> None:
    """EXE-17."""
    gateway = Gateway()
    with served(gateway) as address:
        home = {"broker": BrokerKind.IB, "broker_address": address, "broker_account": ACCOUNT}
        settings = paper_settings(tmp_path / "home", **home)
        with open_service(settings, bundled_lake()) as service:
            opened_market(service, "assay")
            name = ordered(service).cl_ord_id
            assert name is not None
            until(lambda: record(service, name).life.is_acknowledged)
            gateway.traded(name, 40, 190.05, "0001.aa.01")
            until(lambda: record(service, name).life.cum_shares == 40)
            gateway.drop()
            cancelled_order(service, CancelCommand(name, "alice", "enough")).result()
            until(lambda: record(service, name).life.status is OrdStatus.CANCELED)
            told = record(service, name).life
        assert (told.cum_shares, told.ended_shares, told.is_whole) == (40, 60, True)
        assert (gateway.n_placed, gateway.of(name).status) == (1, "Cancelled")
    assert log_folder_to_read(settings.home).verification().is_intact
