"""The server: granian with one application a worker process.

    SIGTERM, SIGINT   drain: no new connections, what was begun is answered, the writer commits what waits, then exit
    SIGHUP            the policy folder is read again; workers stay (granian alone would replace them)

A worker process is spawned, never forked: polars and SQLite do not survive a fork. A worker that dies is replaced.
"""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import set_start_method
from pathlib import Path
from typing import Any

import structlog
from granian.constants import Interfaces, Loops
from granian.log import LogLevels
from granian.server.mp import MPServer
from litestar import Litestar

from adapters.rate_limits import rate_from_text
from adapters.telemetry.exposition import FOLDER_VARIABLE, prepared_folder
from adapters.telemetry.lines import LineSink
from adapters.telemetry.logs import configured_logs
from adapters.telemetry.telemetry import Telemetry
from api.alert_parts import Watched, alerts_watched
from api.bootstrap import alert_desk, http_parts, open_service, open_service_to_read, token_keys
from api.http.alert_tails import AlertTails
from api.http.app import ROUTERS, app
from api.http.domains import Domain, served_routers
from api.http.front import Front
from api.http.routes import events_data, orders
from api.http.routes.orders import MAX_BODY_BYTES
from api.http.tails import close_tails
from api.profiles import require_safe
from api.research_parts import job_box, started_job
from api.settings import Settings
from api.use_cases.jobs import JobRunner
from api.use_cases.market import opened_market
from api.use_cases.outage_notices import outage_raised
from api.use_cases.planning import PLANNER
from api.use_cases.policy_folder import policies_taken_up, reread_folder
from api.use_cases.policy_shadows import shadows_watched
from api.use_cases.reloads import CandidateOutcome
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError

METRICS = "metrics"
"""Folder of the counters of several workers, in the home; a hyphen and the domain follow when one is served alone."""
BACKLOG = 4096
DRAIN_S = 30
RESPAWN_S = 0.5
SWITCH_S = 0.001
"""How long a thread may keep the interpreter from one that waits: the writer decides for milliseconds on end, and the
event loop has answers to send meanwhile."""
COLLECT_AFTER = (50_000, 20, 20)
"""Objects made, and younger collections, between two collections of garbage: nearly all that an order makes is freed
by reference counts, and looking through the rest delays the orders that wait."""
_OWNER_ONLY = 0o600
_log = structlog.get_logger("assay.server")


@dataclass(frozen=True, slots=True)
class Serving:
    """What a worker is started with.

    Attributes:
        settings: how the server runs.
        is_read_only: whether it only shows the log.
        behind: the Unix socket where granian listens, when a front listens where clients come; else None.
        only: the one domain that it serves; None for all.
    """

    settings: Settings
    is_read_only: bool = False
    behind: Path | None = None
    only: Domain | None = None

    @property
    def takes_orders(self) -> bool:
        """Whether clients may place orders here."""
        return not self.is_read_only and orders.ROUTER in served_routers(ROUTERS, self.only)

    @property
    def metrics(self) -> Path:
        """Folder of the counters of several workers; that of a domain is its own, as its servers share the home."""
        return self.settings.home / (METRICS if self.only is None else f"{METRICS}-{self.only.name}")


def serve(serving: Serving) -> None:
    """Serve until a signal ends it.

    Raises:
        EdgeError: the settings are unsafe together, or the home cannot be used.
    """
    settings = serving.settings
    require_startable(serving)
    _require_free(settings.host, settings.port)
    # Whatever keeps a worker from starting is said here, once, to a person.
    with opened(serving, Telemetry()) as service:
        if serving.takes_orders:
            _open_market(service)
    if settings.lake is not None and events_data.ROUTER in served_routers(ROUTERS, serving.only):
        _log.info("alerts raised", n_new=raised_alerts(settings))
    if settings.workers > 1:
        os.environ[FOLDER_VARIABLE] = str(prepared_folder(serving.metrics))
    set_start_method("spawn", force=True)
    with _behind(serving) as behind:
        _server(settings, behind).serve(
            target_loader=partial(application, replace(serving, behind=behind)), wrap_loader=False
        )


@contextmanager
def _behind(serving: Serving) -> Iterator[Path | None]:
    """Where granian is to listen behind a front; None when it listens itself: for TLS, and when nobody orders."""
    if not serving.takes_orders or serving.settings.has_tls:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="assay-") as folder:  # the home's own path may be too long for a socket
        yield Path(folder) / "granian"


def _server(settings: Settings, behind: Path | None) -> AssayServer:
    return AssayServer(
        "api.server:application",
        address=settings.host,
        port=settings.port,
        uds=behind,
        uds_permissions=_OWNER_ONLY,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        loop=Loops.uvloop,
        websockets=False,
        backlog=BACKLOG,
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_S,
        workers_kill_timeout=DRAIN_S,
        log_level=LogLevels(settings.log_level.value),
        ssl_cert=settings.tls_certificate,
        ssl_key=settings.tls_key,
    )


def require_startable(serving: Serving) -> None:
    """Raises EdgeError that names every setting which this server may not start with."""
    served_routers(ROUTERS, serving.only)
    rate_from_text(serving.settings.rate_limit)
    for file in (serving.settings.tls_certificate, serving.settings.tls_key):
        if file is not None and not file.is_file():
            raise EdgeError(f"{file} is no file; name the server's own with ASSAY_TLS_CERTIFICATE and ASSAY_TLS_KEY")
    keys = token_keys(serving.settings).ring().keys
    require_safe(serving.settings, has_token_keys=bool(keys), is_read_only=serving.is_read_only)


def _require_free(host: str, port: int) -> None:
    """Raises EdgeError when the port is taken: granian shares ports, and half of the requests would go astray."""
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            message = f"{host}:{port} cannot be listened on: {error.strerror}; stop what does, or name another --port"
            raise EdgeError(message) from error


@contextmanager
def opened(serving: Serving, telemetry: Telemetry) -> Iterator[Service]:
    """The service of a worker."""
    if serving.is_read_only:
        with open_service_to_read(serving.settings) as service:
            yield service
    else:
        with open_service(serving.settings, telemetry=telemetry) as service:
            yield service


def application(serving: Serving) -> Litestar:
    """The application of a worker process, with its own service."""
    stack = ExitStack()
    telemetry = _telemetry(serving, stack.enter_context(LineSink(sys.stdout.fileno())))
    service = stack.enter_context(opened(serving, telemetry))
    if not service.is_read_only:
        stack.enter_context(policies_taken_up(service))
        box = stack.enter_context(job_box(serving.settings))
        stack.enter_context(JobRunner(box, partial(started_job, serving.settings)))
    service.writer.on_commit(lambda _size: telemetry.times.left(service.writer.n_waiting))
    parts = replace(http_parts(service, serving.settings, telemetry), domain=serving.only.name if serving.only else "")
    stack.enter_context(parts.upstreams)
    if not service.is_read_only:
        stack.enter_context(shadows_watched(service, lambda: parts.shadow_board, telemetry.went_round))
        events = None if serving.settings.lake is None else AlertTails(parts.data).looked
        watched = Watched(events, parts.slo)
        telling = stack.enter_context(
            alerts_watched(serving.settings, service, parts.alert_board, watched, telemetry.went_round)
        )
        parts.upstreams.raised = partial(outage_raised, telling)
    built = app(parts, served_routers(ROUTERS, serving.only))
    built.state["service"] = service
    built.on_startup += [_hear_hangups, _hear_the_end, _settle]
    if serving.behind is not None:
        _put_behind_front(built, serving.settings, serving.behind)
    built.on_shutdown += [parts.health.drain, stack.close]
    return built


def _put_behind_front(built: Litestar, settings: Settings, behind: Path) -> None:
    """Listen where clients come once the application has started, and no longer than it does."""
    front = Front(built.state["edge"], behind, MAX_BODY_BYTES)

    async def opened() -> None:
        await front.open(settings.host, settings.port, BACKLOG)
        _log.info("listening", address=f"http://{settings.host}:{settings.port}")

    built.state["front"] = front
    built.on_startup.append(opened)
    built.on_shutdown.append(front.close)


def _telemetry(serving: Serving, sink: LineSink) -> Telemetry:
    """What a worker tells about itself: lines on standard output, counters in a folder when it is not the only one."""
    level = serving.settings.log_level.value
    configured_logs(sink, level)
    folder = serving.metrics if serving.settings.workers > 1 else None
    telemetry = Telemetry(sink, level, folder)
    telemetry.counted.workers_up.set(1)
    return telemetry


def _open_market(service: Service) -> None:
    """Run the first session, unless the policy is not in force yet: then the server waits for it, and says so."""
    try:
        opened_market(service, PLANNER)
    except EdgeError as error:
        if error.reason != "not-in-force":
            raise
        _log.warning("no day plan yet", because=str(error))


def raised_alerts(settings: Settings) -> int:
    """How many alerts are new about what was ingested while nobody looked, or by a process that died before it could.

    Raises:
        EdgeError: no lake is named.
    """
    with alert_desk(settings) as desk:
        return desk.look()


class AssayServer(MPServer):
    """Granian's server, but SIGHUP goes to the workers instead of replacing them."""

    def signal_handler_reload(self, *_args: Any, **_more: Any) -> None:  # noqa: ANN401  # granian's signature
        """Tell every worker to read the policy folder again."""
        for worker in list(self.wrks):
            if worker.inner.is_alive():
                os.kill(worker.inner.pid, signal.SIGHUP)

    def _spawn_workers(self, spawn_target: Any, target_loader: Any) -> None:  # noqa: ANN401
        with _hangups_held():
            super()._spawn_workers(spawn_target, target_loader)  # type: ignore[no-untyped-call]  # granian has none

    def _respawn_workers(self, workers: Any, spawn_target: Any, target_loader: Any, delay: float = 0) -> None:  # noqa: ANN401
        with _hangups_held():
            super()._respawn_workers(workers, spawn_target, target_loader, delay)


@contextmanager
def _hangups_held() -> Iterator[None]:
    """Processes started here hold a SIGHUP back until they know what to do with it, instead of dying of it."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


async def _hear_hangups(built: Litestar) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _policies_read_again, built.state["service"])
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})


async def _hear_the_end(built: Litestar) -> None:
    """Granian waits for what was begun, and a stream of events never ends by itself: SIGTERM ends them first."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _end, built)


async def _settle(_built: Litestar) -> None:
    """What is loaded by now stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    sys.setswitchinterval(SWITCH_S)


def _end(built: Litestar) -> None:
    close_tails(built)
    if front := built.state.get("front"):
        front.drain()
    signal.raise_signal(signal.SIGINT)  # this one granian still hears itself, and drains


def _policies_read_again(service: Service) -> None:
    """Read the policy folder again, beside the orders that are being decided."""
    reading = asyncio.get_running_loop().run_in_executor(None, reread_folder, service)
    reading.add_done_callback(_told)


def _told(reading: asyncio.Future[tuple[CandidateOutcome, ...]]) -> None:
    """Say what came of reading the folder."""
    error = reading.exception()
    if error is not None:
        _log.error("policies not read again", because=str(error))
        return
    for outcome in reading.result():
        _log.info("policy read again", file=outcome.file, state=outcome.state.value)
