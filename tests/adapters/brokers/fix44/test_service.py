"""A service on the demo's data whose orders go to a FIX peer: over a restart, each once, and the log verifies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapters.lake.lake import bundled_lake
from adapters.log_folder import log_folder_to_read
from api.bootstrap import open_service
from api.settings import BrokerKind, Settings
from api.use_cases.market import opened_market
from api.use_cases.order_life import OrderRecord, order_record
from api.use_cases.service import Service
from nodes.vocabulary.executions import OrdStatus
from tests.adapters.brokers.fix44.peer import Book, Peer, free_port, session_file, until
from tests.api.use_cases.services import ordered, paper_settings


@contextmanager
def opened(settings: Settings) -> Iterator[Service]:
    with open_service(settings, bundled_lake()) as service:
        opened_market(service, "assay")
        yield service


def record(service: Service, name: str) -> OrderRecord:
    with service.store.reader() as reader:
        return order_record(reader, name)


def test_orders_reach_a_fix_peer_once_and_its_fills_the_log_over_a_restart(tmp_path: Path) -> None:
    """EXE-17: what trades while the server is down comes by resend, and is booked under its ExecID."""
    port, book = free_port(), Book()
    peer = Peer(tmp_path / "peer", port, book)
    home = {"broker": BrokerKind.FIX, "broker_file": session_file(tmp_path, port)}
    settings = paper_settings(tmp_path / "home", **home)
    with opened(settings) as service:
        name = ordered(service).cl_ord_id
        assert name is not None
        until(lambda: record(service, name).life.is_acknowledged)
        first = peer.traded(name, 40, "190.05")
        until(lambda: record(service, name).life.cum_shares == 40)
    second = peer.traded(name, 60, "190.06")
    with opened(settings) as service:
        until(lambda: record(service, name).life.status is OrdStatus.FILLED)
        told = record(service, name)
        assert [fill[0] for fill in told.life.fills] == [first, second]
        assert {event.venue for event in told.events if event.last_shares} == {"XNYS"}
    assert book.kinds().count("D") == 1
    assert log_folder_to_read(settings.home).verification().is_intact
    peer.close()
