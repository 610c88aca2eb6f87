"""A log in PostgreSQL: a schema for each origin, the head's row lock for a turn, commits that are on disk.

Connections know one schema (`search_path`), so the tables need no prefix and several logs share a database. What an
acknowledgement promises is set on each connection, whatever the server's or the role's defaults are: a commit returns
once it is on disk (`synchronous_commit=on`), and on the standbys too where the server waits for them. A server that
does not sync at all (`fsync=off`) is refused.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import ExitStack
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.schema import CreateSchema

from adapters.sql.deadlines import Deadlines
from adapters.sql.dialect import hold_set_up, translated
from adapters.sql.store import SqlLog
from nodes.vocabulary.errors import EdgeError

DRIVER = "postgresql+psycopg"
LOCK_TIMEOUT_S = 30
STATEMENT_TIMEOUT_S = 60
CONNECT_TIMEOUT_S = 10
PING_S = 3.0
"""How long a server may take to say that a kept connection still stands."""
USE_S = 40.0
"""How long a connection may be used at a stretch, a little more than a lock is waited for; then it is cut."""
MAX_OVERFLOW = 20
"""Connections beyond the five that are kept: a server admits a hundred in all unless it is told otherwise."""
_MAX_NAME = 63
_DIGEST_DIGITS = 8
_ORDINARY = re.compile(r"[^a-z0-9]+")
_SCHEMES = ("postgresql", "postgres", DRIVER)


def postgres_log(database_url: str, origin: str) -> SqlLog:
    """The log of an origin in a database, created on first use.

    Raises EdgeError when the server cannot be reached or would acknowledge what is not on disk.
    """
    url, schema = _url(database_url), schema_name(origin)
    engine, place = postgres_engine(url, schema), _place(url, origin)
    with ExitStack() as undone:
        undone.callback(engine.dispose)
        with translated(place), engine.begin() as connection:
            _require_durable(connection, place)
            hold_set_up(connection)
            connection.execute(CreateSchema(schema, if_not_exists=True))
        log = SqlLog(engine, origin, place)
        log.create()
        undone.pop_all()
    return log


def postgres_log_to_read(database_url: str, origin: str) -> SqlLog:
    """The log of an origin in a database, for reading only: an append is refused."""
    url = _url(database_url)
    return SqlLog(postgres_engine(url, schema_name(origin), is_read_only=True), origin, _place(url, origin))


def postgres_engine(url: URL, schema: str, *, is_read_only: bool = False, use_s: float = USE_S) -> Engine:
    """An engine whose connections are set up for the log in a schema; none waits longer than `use_s` for an answer."""
    settings = {
        "search_path": schema,
        "synchronous_commit": "on",
        "default_transaction_isolation": "read\\ committed",
        "default_transaction_read_only": "on" if is_read_only else "off",
        "lock_timeout": f"{LOCK_TIMEOUT_S}s",
        "statement_timeout": f"{STATEMENT_TIMEOUT_S}s",
        "idle_in_transaction_session_timeout": f"{STATEMENT_TIMEOUT_S}s",
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    arguments = {
        "options": options,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "application_name": f"assay {schema}"[:_MAX_NAME],
        "client_encoding": "utf8",
    }
    engine = create_engine(url, paramstyle="format", max_overflow=MAX_OVERFLOW, connect_args=arguments)
    _watch(engine, Deadlines(), use_s)
    return engine


def _watch(engine: Engine, deadlines: Deadlines, use_s: float) -> None:
    """See that a connection answers before it is handed out, and that nobody waits on it for ever.

    The pool's own ping has no deadline.
    """

    def handed_out(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401  # psycopg's
        deadlines.begin(connection, PING_S)
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            deadlines.end(connection)
            raise DisconnectionError from error  # the pool takes another one, a fresh one in the end
        deadlines.begin(connection, use_s)

    def given_back(connection: Any, _record: object) -> None:  # noqa: ANN401  # psycopg's; None when it was dropped
        deadlines.end(connection)

    def asked(connection: Connection, *_: object) -> None:
        deadlines.begin(connection.connection.dbapi_connection, use_s)  # a long reading is many statements

    event.listen(engine, "checkout", handed_out)
    event.listen(engine, "before_cursor_execute", asked)
    event.listen(engine, "checkin", given_back)


def schema_name(origin: str) -> str:
    """The schema of an origin: its readable part and a digest, since a schema's name is short and of few signs."""
    digits = hashlib.sha256(origin.encode()).hexdigest()[:_DIGEST_DIGITS]
    readable = _ORDINARY.sub("_", origin.lower()).strip("_")
    return f"assay_{readable[: _MAX_NAME - len('assay__') - _DIGEST_DIGITS]}_{digits}"


def _url(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except ArgumentError as error:
        message = "the database URL cannot be read; write it like postgresql://user:password@host:5432/name"
        raise EdgeError(message) from error
    if url.drivername not in _SCHEMES:
        message = (
            f"the database URL begins with {url.drivername!r}; only postgresql:// is supported, or none for SQLite"
        )
        raise EdgeError(message)
    return url.set(drivername=DRIVER)


def _place(url: URL, origin: str) -> str:
    """The log as messages name it: never with a password."""
    host = url.host or url.query.get("host", "localhost")
    return f"log {origin!r} in PostgreSQL database {url.database!r} on {host}"


def _require_durable(connection: Connection, place: str) -> None:
    is_synced = connection.execute(text("SHOW fsync")).scalar_one()
    if is_synced != "on":
        message = (
            f"{place}: the server runs with fsync={is_synced}, so a power loss takes what it acknowledged; set it on"
        )
        raise EdgeError(message)
