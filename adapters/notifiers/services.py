"""Mail, Slack and whatever else apprise knows: one service a channel, named by its apprise address."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from types import TracebackType
from typing import Self

from apprise import Apprise, NotifyType
from apprise.plugins import NotifyBase

from adapters.notifiers.messages import DeliveryError, Message
from nodes.vocabulary.errors import EdgeError

_TYPES = {"page": NotifyType.FAILURE, "ticket": NotifyType.WARNING, "note": NotifyType.INFO}
_LOGGER = "apprise"
_ADDRESSES = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_MAX_SAID = 300


class AppriseService:
    """A service behind an apprise address, e.g. mailtos://USER:PASSWORD@HOST?to=DESK or slack://A/B/C/CHANNEL.

    Args:
        name: of the channel, for messages.
        address: what apprise reads; it holds secrets and is never told.
    """

    def __init__(self, name: str, address: str) -> None:
        with _Said() as said, warnings.catch_warnings():
            warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)  # what its PGP imports
            service = Apprise.instantiate(address)
        if not isinstance(service, NotifyBase):
            message = f"address of channel {name!r} is none that apprise knows: {said.text}"
            raise EdgeError(f"{message}; compare it with apprise's list of services")
        service.request_rate_per_sec = 0.0  # one thread a channel delivers, and waits longer after each failure
        self._name, self._service = name, service

    def send(self, message: Message, patience_s: float) -> None:
        """Hand a message to the service; what it said when it did not take it is in the error, addresses left out."""
        service = self._service
        service.socket_connect_timeout = service.socket_read_timeout = patience_s
        with _Said() as said:
            is_taken = service.notify(body=message.text, title=message.title, notify_type=_TYPES[message.severity])
        if not is_taken:
            raise DeliveryError(f"{service.service_name} did not take it: {said.text}; look at channel {self._name!r}")


class _Said(logging.Handler):
    """What apprise logs in this thread during a block: the only place where it says why."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._thread = threading.get_ident()
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        """The lines, without addresses, which may hold secrets."""
        said = _ADDRESSES.sub("[address]", "; ".join(self._lines))[:_MAX_SAID]
        return said.rstrip(".") or "it did not say why"

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line of this thread."""
        if record.thread == self._thread:
            self._lines.append(record.getMessage())

    def __enter__(self) -> Self:
        logging.getLogger(_LOGGER).addHandler(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        logging.getLogger(_LOGGER).removeHandler(self)
