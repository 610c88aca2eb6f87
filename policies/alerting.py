"""Who is told of what, and when, as a YAML document: routes, quiet hours, escalations, and how delivery is retried.

The document names channels; what they are, with their addresses and secrets, is the operator's file and no policy
(`adapters.notifiers.channels`). All instants are given: nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import Fault
from policies.marks import Marks
from policies.marks import Path as Place
from policies.modelled import modelled_document
from policies.schema import FAMILY_PATTERN, Sentence

SHIPPED = Path(__file__).resolve().parent / "alerts" / "operations" / "v1.yaml"
"""The document that comes with Assay."""
Severity = Literal["page", "ticket", "note"]
SEVERITIES: tuple[Severity, ...] = ("page", "ticket", "note")
"""Gravest first: somebody is woken, somebody acts the next day, somebody may want to know."""
_MAX_HOLDS = 400
_RESOLUTION = timedelta(milliseconds=1)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise PydanticCustomError("zone", "is no time zone", {"mend": "write e.g. America/New_York"}) from error
    return name


def _clock(text: str) -> str:
    time.fromisoformat(text)
    return text


Id = Annotated[str, Field(pattern=FAMILY_PATTERN)]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), AfterValidator(_clock)]
Channels = Annotated[tuple[Id, ...], Field(min_length=1)]
Severities = Annotated[tuple[Severity, ...], Field(min_length=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Route(_Part):
    """Who is told of alerts of some severities.

    Attributes:
        id: its name.
        severities: of which alerts.
        to: names of channels.
    """

    id: Id
    severities: Severities
    to: Channels


class QuietHours(_Part):
    """When alerts that can wait are held.

    Attributes:
        id: its name.
        begin: wall clock at which it begins; `from` in the document.
        end: wall clock at which it ends, the next day when that is earlier; `to` in the document.
        zone: whose wall clock.
        holds: severities that wait.
    """

    id: Id
    begin: Annotated[Clock, Field(alias="from")]
    end: Annotated[Clock, Field(alias="to")]
    zone: Annotated[str, AfterValidator(_zone)]
    holds: Severities

    def ends_at(self, at: datetime) -> datetime | None:
        """When the hours end that an instant lies in, in its own time zone; None outside them.

        A wall clock that a change of summer time skips or repeats is the first instant that reads no earlier.
        """
        zone = ZoneInfo(self.zone)
        begin, end = time.fromisoformat(self.begin), time.fromisoformat(self.end)
        local_on = at.astimezone(zone).date()
        for days in (-1, 0):
            begins_on = local_on + timedelta(days=days)
            begins = _first_instant(datetime.combine(begins_on, begin, zone))
            ends = _first_instant(datetime.combine(begins_on + timedelta(days=int(end <= begin)), end, zone))
            if begins <= at < ends:
                return ends.astimezone(at.tzinfo)
        return None


def _first_instant(reads: datetime) -> datetime:
    """The first instant at which a wall clock reads no earlier: where clocks skip that time, the skip itself."""
    early, late = (reads.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    instant = reads.astimezone(UTC)
    if early >= late:  # an hour that is repeated, and any other: the first of the two
        return instant
    low, high = instant - (late - early), instant  # before the skip, and not before it
    while high - low > _RESOLUTION:
        middle = low + (high - low) / 2
        is_before = middle.astimezone(reads.tzinfo).utcoffset() == early
        low, high = (middle, high) if is_before else (low, middle)
    return high.replace(microsecond=0)


class Escalation(_Part):
    """Who else is told of an alert that nobody acknowledges.

    Attributes:
        id: its name.
        severities: of which alerts.
        after_s: how long it has to wait for that.
        to: names of channels.
    """

    id: Id
    severities: Severities
    after_s: Annotated[int, Field(ge=1, le=7 * 86_400)]
    to: Channels


class Delivery(_Part):
    """How delivery is tried.

    Attributes:
        attempts: how often before an alert is a dead letter of its channel.
        first_wait_s: how long after the first failure.
        wait_ratio: how many times longer after each further one.
        longest_wait_s: never longer than this.
        patience_s: how long one attempt may take.
    """

    attempts: Annotated[int, Field(ge=1, le=100)]
    first_wait_s: Annotated[int, Field(ge=1, le=86_400)]
    wait_ratio: Annotated[int, Field(ge=1, le=100)]
    longest_wait_s: Annotated[int, Field(ge=1, le=7 * 86_400)]
    patience_s: Annotated[int, Field(ge=1, le=120)]

    def wait_s(self, n_failed: int) -> int | None:
        """How long to wait after so many failures; None when it is given up."""
        if n_failed >= self.attempts:
            return None
        waits_s, wait_s = 1, self.first_wait_s
        while waits_s < n_failed and wait_s < self.longest_wait_s:
            waits_s, wait_s = waits_s + 1, wait_s * self.wait_ratio
        return min(wait_s, self.longest_wait_s)


class AlertPolicy(_Part):
    """Who is told of what, and when.

    Attributes:
        family: name that all versions share; `alerts` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what it is for.
        sources: what it rests on.
        routes: who is told.
        event_severities: how grave an event is, by its kind.
        event_severity: how grave any other kind of event is.
        max_event_age_s: how long ago an event may have become known: what is older is history that was imported.
        quiet_hours: when what can wait is held.
        escalations: who else is told.
        delivery: how delivery is tried.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="alerts")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    routes: Annotated[tuple[Route, ...], Field(min_length=1)]
    event_severities: Mapping[Id, Severity]
    event_severity: Severity
    max_event_age_s: Annotated[int, Field(ge=1, le=30 * 86_400)]
    quiet_hours: tuple[QuietHours, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    delivery: Delivery

    def channels(self, severity: Severity) -> tuple[str, ...]:
        """Names of the channels that are told of an alert, each once, in the order of the routes."""
        found = (name for route in self.routes if severity in route.severities for name in route.to)
        return tuple(dict.fromkeys(found))

    def severity_of_event(self, kind: str) -> Severity:
        """How grave an event is."""
        return self.event_severities.get(kind, self.event_severity)

    def due_at(self, severity: Severity, at: datetime) -> datetime:
        """When an alert may be delivered: at once, or when the quiet hours end that hold it."""
        for _ in range(_MAX_HOLDS):
            ends = (hours.ends_at(at) for hours in self.quiet_hours if severity in hours.holds)
            latest = max((end for end in ends if end is not None), default=None)
            if latest is None:
                return at
            at = latest
        return at

    @property
    def all_channels(self) -> frozenset[str]:
        """Names of every channel that it tells."""
        parts: tuple[Route | Escalation, ...] = (*self.routes, *self.escalations)
        return frozenset(name for part in parts for name in part.to)


def parsed_alert_policy(text: bytes, file: str) -> AlertPolicy:
    """The policy that the bytes of a file hold. Raises PolicyError with every fault."""
    return modelled_document(text, file, AlertPolicy, _keys_at, _faults)


@lru_cache(maxsize=1)
def shipped_alert_policy() -> AlertPolicy:
    """The policy that comes with Assay."""
    return parsed_alert_policy(SHIPPED.read_bytes(), SHIPPED.name)


def _faults(found: AlertPolicy, marks: Marks) -> Iterator[Fault]:
    """What no type can say: names used twice, severities that nobody is told of, hours without length."""
    families: tuple[tuple[str, Iterable[Route | QuietHours | Escalation]], ...] = (
        ("routes", found.routes),
        ("quiet_hours", found.quiet_hours),
        ("escalations", found.escalations),
    )
    for family, parts in families:
        seen: set[str] = set()
        for place, part in enumerate(parts):
            if part.id in seen:
                yield marks.fault((family, place, "id"), f"{part.id!r} names two", "give one of them another id")
            seen.add(part.id)
    for severity in SEVERITIES:
        if not found.channels(severity):
            yield marks.fault(("routes",), f"nobody is told of a {severity}", "add a route for it")
    for place, hours in enumerate(found.quiet_hours):
        if hours.begin == hours.end:
            what = f"{hours.id!r} begins and ends at {hours.begin}: it holds nothing, or everything for ever"
            yield marks.fault(("quiet_hours", place), what, "let it end at another time")
        if "page" in hours.holds:
            what = f"{hours.id!r} holds pages, which are what cannot wait"
            yield marks.fault(("quiet_hours", place, "holds"), what, "make them tickets, or let them through")


_PARTS: Mapping[str, type[_Part]] = {
    "routes": Route,
    "quiet_hours": QuietHours,
    "escalations": Escalation,
    "delivery": Delivery,
}


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    part: type[_Part] = _PARTS.get(str(path[0]), AlertPolicy) if path else AlertPolicy
    return tuple(field.alias or name for name, field in part.model_fields.items()), str(path[0]) if path else "policy"
