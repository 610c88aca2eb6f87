"""The broker of a home, joined: the simulated one, or one somewhere else through its adapter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from adapters.brokers.alpaca.calls import PAPER
from adapters.brokers.alpaca.venue import AlpacaVenue
from adapters.brokers.fix44.venue import FixVenue
from adapters.brokers.holder import sole_holder
from adapters.brokers.interactive_brokers.venue import GATEWAY, IbVenue
from adapters.brokers.remote import SETTLING_S, RemoteBroker, Venue
from adapters.brokers.simulated import SimulatedBroker
from adapters.upstreams.upstream import Upstream
from api.settings import BrokerKind, Settings
from api.use_cases.broker_watch import BrokerWatch, require_agreement
from api.use_cases.guarded_broker import BROKER as UPSTREAM
from api.use_cases.guarded_broker import GuardedBroker, GuardedRemote
from api.use_cases.resilience_terms import resilience_terms
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError

BROKER = "broker.db"
"""Of the simulated broker, in the home."""
_RESEARCH = "research/"


@contextmanager
def chosen_broker(settings: Settings, clock: Callable[[], datetime]) -> Iterator[GuardedBroker | None]:
    """The broker of a home; research has none, its orders are filled from the next bar.

    Raises:
        EdgeError: what the broker needs is not set, or another process talks to it.
    """
    if settings.origin.startswith(_RESEARCH):
        yield None
        return
    upstream = Upstream(UPSTREAM, resilience_terms(settings.resilience).broker, clock)
    try:
        if settings.broker is BrokerKind.SIMULATED:
            with closing(SimulatedBroker(settings.home / BROKER)) as broker:
                yield GuardedBroker(broker, upstream)
        else:
            # a FIX session asks in the order in which it sent, so that what it does not find was not taken
            settling_s = 0.0 if settings.broker is BrokerKind.FIX else SETTLING_S
            remote_broker = RemoteBroker(_venue(settings, clock), settling_s=settling_s)
            with sole_holder(settings.home), closing(remote_broker) as remote:
                yield GuardedRemote(remote, upstream)
    finally:
        upstream.close()


@contextmanager
def broker_watched(service: Service) -> Iterator[None]:
    """Listen to the service's broker for the block, if it is somewhere else, once its books agree with the log.

    Raises:
        EdgeError: they do not, or the broker does not answer.
    """
    if not isinstance(service.broker, GuardedRemote):
        yield
        return
    watch = BrokerWatch(service, service.broker, service.watching)
    watch.caught_up()
    require_agreement(service, service.broker)
    with watch:
        yield


def _venue(settings: Settings, clock: Callable[[], datetime]) -> Venue:
    if settings.broker is BrokerKind.ALPACA and settings.broker_key and settings.broker_secret:
        return AlpacaVenue(settings.broker_address or PAPER, settings.broker_key, settings.broker_secret, clock)
    if settings.broker is BrokerKind.FIX and settings.broker_file is not None:
        login = (settings.broker_key, settings.broker_secret)
        return FixVenue(settings.broker_file, settings.home, clock, settings.broker_account, login)
    if settings.broker is BrokerKind.IB:
        return IbVenue(settings.broker_address or GATEWAY, settings.broker_account, clock)
    message = f"broker {settings.broker.value} lacks what it needs; see docs/brokers.md for the variables to set"
    raise EdgeError(message)
