"""How alerts are joined: the board of a home, the policy that says who is told, and the channels that tell them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from adapters.notifiers.channels import channels_of
from adapters.sql.alert_board import AlertBoard
from adapters.sql.alerts import AlertBox
from adapters.watching import Ticking
from api.settings import Settings
from api.use_cases.arming import ConditionWatch
from api.use_cases.background import Background, Told
from api.use_cases.event_notices import EventWatch
from api.use_cases.policies import file_bytes
from api.use_cases.service import Service
from api.use_cases.slo import SloKeeper
from api.use_cases.telling import Teller
from policies.alerting import AlertPolicy, parsed_alert_policy, shipped_alert_policy


def alert_policy(settings: Settings) -> AlertPolicy:
    """Who is told of alerts, and when. Raises EdgeError when the file cannot be read, PolicyError with every fault."""
    if settings.alert_policy is None:
        return shipped_alert_policy()
    return parsed_alert_policy(file_bytes(settings.alert_policy), str(settings.alert_policy))


def teller(settings: Settings, service: Service, board: AlertBoard, told: Told | None = None) -> Teller:
    """What raises and delivers the alerts of a home. Raises EdgeError when a channel of the policy is missing."""
    policy = alert_policy(settings)
    file = settings.alert_channels
    channels = {} if file is None else channels_of(file, policy.all_channels, time.time)
    return Teller(board, policy, channels, service.clock, told)


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched beside conditions.

    Attributes:
        events: the event alerts of a lake, once it was looked at; None without a lake of its own.
        slo: counts for the service level objectives; None where nobody does.
    """

    events: Callable[[], AlertBox] | None = None
    slo: SloKeeper | None = None


@contextmanager
def alerts_watched(
    settings: Settings,
    service: Service,
    board: AlertBoard,
    watched: Watched,
    told: Told,
) -> Iterator[Teller]:
    """A block in which conditions are asked, events are raised, and alerts delivered.

    Args:
        settings: of the server.
        service: its service.
        board: its alerts.
        watched: what is watched beside its conditions.
        told: hears how the work goes.
    """
    telling = teller(settings, service, board, told)
    looks = [(Background("alert-conditions", told), ConditionWatch(service, board, telling).look)]
    if watched.events is not None:
        looks.append((Background("alert-events", told), EventWatch(watched.events, telling).look))
    if watched.slo is not None:
        looks.append((Background("slo", told), replace(watched.slo, teller=telling).look))

    def look() -> None:
        for work, done in looks:
            work.round(done)

    with telling, Ticking(look):
        yield telling
