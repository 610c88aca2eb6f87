"""Structured logs: one JSON object a line, with the trace it belongs to, and no secrets.

What a request's lines have in common (trace_id, span_id, principal, account_id) is bound once with
`structlog.contextvars.bound_contextvars`; it follows the request through its tasks. Libraries that log through the
standard library come out in the same form. At level info an order leaves one line (`OrderLine`), rendered straight
from its struct.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import msgspec
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from adapters.telemetry.lines import LineSink

HIDDEN = "[hidden]"
_SECRET_NAMES = (
    "authorization",
    "token",
    "secret",
    "password",
    "passwd",
    "cookie",
    "api_key",
    "private",
    "salt",
    "jwt",
)
_KEY_NAMES = frozenset({"key", "keys", "signing_key", "verification_key"})
_OPEN_NAMES = frozenset({"idempotency_key", "token_id", "tokens_revoked"})
_SECRET_TEXTS = re.compile(
    r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*"  # a JWT
    r"|(?i:bearer)\s+[\w.~+/=-]+"
    r"|PRIVATE\+KEY\+\S+"  # a note's private key, as golang.org/x/mod/sumdb/note writes it
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*"
    r"|whsec_[\w+/=-]+"  # what a receiver of webhooks shares with us
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user and password of a database's URL
)
_MAX_DEPTH = 6
_encoder = msgspec.json.Encoder(enc_hook=str)


class OrderLine(msgspec.Struct, omit_defaults=True, tag="order", tag_field="event"):
    """The one line that an order leaves at level info.

    Attributes:
        timestamp: the shell's clock.
        decision_id: of what was decided.
        account_id: of which account.
        principal: who asked.
        symbol: of which share.
        verdict: pass, warn, clip, review or deny.
        action: act, hold or deny.
        order_shares: what may be sent.
        took_ms: from the request's arrival to its answer.
        trace_id: of the caller's trace; "" without one.
        span_id: of our span in it.
        is_replayed: whether the answer was kept from before.
        level: of the line.
    """

    timestamp: datetime
    decision_id: str
    account_id: str
    principal: str
    symbol: str
    verdict: str
    action: str
    order_shares: int
    took_ms: float
    trace_id: str = ""
    span_id: str = ""
    is_replayed: bool = False
    level: str = msgspec.field(default_factory=lambda: "info")


class OrderLog:
    """Writes order lines, when the level lets them through."""

    def __init__(self, sink: LineSink, level: str) -> None:
        self._sink = sink
        self.is_on = logging.getLevelNamesMapping()[level.upper()] <= logging.INFO

    def write(self, line: OrderLine) -> None:
        """Take a line; see `LineSink.write`."""
        if self.is_on:
            self._sink.write(_encoder.encode(line))


def configured_logs(sink: LineSink, level: str) -> None:
    """Send structlog's and the standard library's lines of this process to the sink.

    Args:
        sink: where lines go.
        level: the least level that is written: debug, info, warning, error or critical.
    """
    least = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_shared(), _rendered],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=lambda *_names: _SinkLogger(sink),
        cache_logger_on_first_use=False,
    )
    handler = _SinkHandler(sink)
    handler.setFormatter(_formatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(least, logging.INFO))
    logging.getLogger("watchfiles").setLevel(max(least, logging.WARNING))  # we tell what changes came to


@contextmanager
def warnings_to_stderr() -> Iterator[None]:
    """Log as a command for people does: warnings and worse, to standard error; standard output holds the answer."""
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_shared(), _text],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.reset_defaults()


def hidden(_logger: WrappedLogger | None, _method: str, event: EventDict) -> EventDict:
    """The event with whatever may be a secret taken out: by the name of a field, and by the look of a text."""
    return {name: _hidden_value(name, value, 0) for name, value in event.items()}


def _hidden_value(name: str, value: Any, depth: int) -> Any:  # noqa: ANN401  # whatever is logged
    if _is_secret_name(name):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXTS.sub(HIDDEN, value)
    if isinstance(value, Mapping) and depth < _MAX_DEPTH:
        return {str(key): _hidden_value(str(key), each, depth + 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _MAX_DEPTH:
        return [_hidden_value("", each, depth + 1) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return _SECRET_TEXTS.sub(HIDDEN, value.hex() if isinstance(value, bytes) else str(value))


def _is_secret_name(name: str) -> bool:
    lowered = name.lower().replace("-", "_")
    if lowered in _OPEN_NAMES:
        return False
    return lowered in _KEY_NAMES or any(part in lowered for part in _SECRET_NAMES)


def _shared() -> list[Processor]:
    return [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        hidden,
    ]


def _rendered(_logger: WrappedLogger | None, _method: str, event: EventDict) -> bytes:
    return _encoder.encode(event)


def _text(_logger: WrappedLogger | None, _method: str, event: EventDict) -> str:
    return _encoder.encode(event).decode()


def _formatter() -> logging.Formatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *_shared(),
        ],
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _text],
    )


class _SinkLogger:
    """What structlog calls with a rendered line. Errors are written at once: the process may be about to end."""

    def __init__(self, sink: LineSink) -> None:
        self._sink = sink

    def debug(self, line: bytes) -> None:
        self._sink.write(line)

    info = warning = warn = msg = log = debug

    def error(self, line: bytes) -> None:
        self._sink.write(line)
        self._sink.flush()

    critical = fatal = exception = failure = err = error


class _SinkHandler(logging.Handler):
    """The standard library's lines, through the same sink."""

    def __init__(self, sink: LineSink) -> None:
        super().__init__()
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        self._sink.write(self.format(record).encode())
        if record.levelno >= logging.ERROR:
            self._sink.flush()
