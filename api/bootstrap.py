"""The composition root: the only place where adapters are built and joined with the use cases.

A home folder holds one log with its key and its published files, see `adapters.log_folder`.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog
from prometheus_client.registry import Collector

from adapters.candidate_process import CandidateProcess
from adapters.files.token_keys import TokenKeys
from adapters.lake.facts.store import FactStore
from adapters.lake.imported import Chosen, lake_of_facts
from adapters.lake.lake import Lake, bundled_lake
from adapters.log_folder import LogFolder, log_folder
from adapters.sql.alert_board import ALERT_BOARD
from adapters.sql.alerts import AlertBox
from adapters.sql.shadow_board import SHADOWS
from adapters.telemetry.alert_facts import alert_collector
from adapters.telemetry.drift_metrics import FILE as DRIFT_FILE
from adapters.telemetry.drift_metrics import DriftCollector
from adapters.telemetry.feed_facts import FeedCollector
from adapters.telemetry.observed import ObservedStore
from adapters.telemetry.shadow_facts import shadow_collector
from adapters.telemetry.skew_metrics import FILE as SKEW_FILE
from adapters.telemetry.skew_metrics import SkewCollector
from adapters.telemetry.telemetry import Telemetry
from adapters.telemetry.upstream_facts import OutageCollector
from adapters.watching import PolicyFolder
from api.broker_parts import broker_watched, chosen_broker
from api.http.access import Access
from api.http.parts import Parts
from api.http.tokens import Tokens
from api.log_parts import log_to_read
from api.pages.attribution_page import attribution_page
from api.pages.bundle_page import bundle_page
from api.pages.operations_page import operations_page
from api.settings import PolicyMode, Settings
from api.upstream_parts import Asked, shared_buckets, upstreams
from api.use_cases.activation import ActivationRequest, activated, active_generation, logged_activation
from api.use_cases.alerts import AlertDesk
from api.use_cases.background import Background
from api.use_cases.broker import Dispatcher
from api.use_cases.candidates import CandidateFiles, Trial, files_bytes, tried_by
from api.use_cases.data_imports import BundledFacts
from api.use_cases.data_reading import ALERTS, DataRoom
from api.use_cases.desk import RESEARCH, ActiveGeneration, Desk, environment_bytes
from api.use_cases.generations import Generations, archived_generation
from api.use_cases.guarded_broker import GuardedBroker
from api.use_cases.model_desk import ModelDesk, store_append
from api.use_cases.policies import Candidate, candidate, cases_file, compiled_text, file_bytes, require_cases
from api.use_cases.reloads import CandidateOutcome, CandidateState, Reloads, Source
from api.use_cases.resilience_terms import resilience_terms
from api.use_cases.risk_terms import risk_terms
from api.use_cases.sentiment import serving
from api.use_cases.service import Service
from api.use_cases.upstreams import Upstreams
from api.use_cases.venue_rules import HaltWatch
from dataflows.backtest.assumptions import Assumptions, assumptions_of
from dataflows.gates import GATES
from governance.entries import EntryKind, genesis_entry
from governance.environment import Environment, environment_here, single_threaded
from governance.ports import LogStore
from governance.writer import Writer
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError

TOKEN_KEYS = "token-keys"  # noqa: S105  # the name of a file
_SALT_KEY_BYTES = 32
_log = structlog.get_logger("assay.policies")


@dataclass(frozen=True)
class OpenDesk:
    """A desk with the folder that holds its log.

    Attributes:
        desk: for the use cases.
        folder: signs, publishes and verifies the log.
    """

    desk: Desk
    folder: LogFolder


def shell_clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


def fact_store(settings: Settings, folder: Path | None = None) -> FactStore:
    """The imported facts. Raises EdgeError when neither the caller nor the settings say where they are."""
    return FactStore(_lake_folder(settings, folder), shell_clock)


@contextmanager
def alert_desk(settings: Settings, folder: Path | None = None) -> Iterator[AlertDesk]:
    """The alerts of a lake, kept beside its tables. Raises EdgeError as `fact_store` does."""
    place = _lake_folder(settings, folder)
    place.mkdir(parents=True, exist_ok=True)
    with AlertBox(place / ALERTS, shell_clock) as box:
        yield AlertDesk(FactStore(place, shell_clock), box, shell_clock)


def _lake_folder(settings: Settings, folder: Path | None) -> Path:
    place = folder or settings.lake
    if place is None:
        message = "no lake is named, so there is nothing to read or write; give --lake FOLDER or set ASSAY_LAKE"
        raise EdgeError(message)
    return place


def data_room(settings: Settings, folder: Path | None = None) -> DataRoom:
    """The lake for readers: that of the settings, else the bundled data as facts, made when first asked for."""
    place, terms = folder or settings.lake, resilience_terms(settings.resilience)
    if place is None:
        return DataRoom(BundledFacts(shell_clock).opened, shell_clock, terms)
    return DataRoom(lambda: (FactStore(place, shell_clock), place), shell_clock, terms)


def chosen_lake(settings: Settings) -> Lake:
    """What dataflows run on: the imported facts that the settings name, else the bundled data.

    Raises:
        EdgeError: a lake is named without a universe, or the bundled data are not installed.
        DataError: the lake does not hold what the universe needs.
    """
    if settings.lake is None:
        return bundled_lake()
    if not settings.universe:
        message = f"lake {settings.lake} is named without symbols to trade; give --universe A,B or set ASSAY_UNIVERSE"
        raise EdgeError(message)
    texts = serving(settings.sentiment_head)
    model = None if texts.because else texts.scorer.model
    chosen = Chosen(settings.universe, shell_clock(), settings.universe_on, model=model)
    found = lake_of_facts(fact_store(settings), chosen)
    return replace(found, text_scores=Absent("text_scores", texts.because)) if texts.because else found


def serving_lake(settings: Settings) -> Lake:
    """What a server decides on: the imported facts when symbols to trade are named with them, else the bundled data.

    A server may so show a lake that nobody trades on. Raises as `chosen_lake`.
    """
    return chosen_lake(settings) if settings.universe else bundled_lake()


def read_candidate(path: Path) -> Candidate:
    """The policy in a file, compiled. Raises EdgeError, PolicyError or PlanError."""
    return candidate(file_bytes(path), str(path))


def read_file_assumptions(path: Path) -> Assumptions:
    """The assumptions about the market in a file. Raises EdgeError or PolicyError."""
    return assumptions_of(file_bytes(path), str(path))


@contextmanager
def log_to_write(settings: Settings) -> Iterator[LogFolder]:
    """The log of a home, made with its key and its genesis entry on first use."""
    folder = log_folder(settings.home, settings.origin, settings.database_url)
    try:
        _begin(folder)
        yield folder
    finally:
        folder.store.close()


@contextmanager
def open_desk(settings: Settings, policy: Path | None = None, lake: Lake | None = None) -> Iterator[OpenDesk]:
    """A desk whose strategy runs the policy of a file, activated in the log if it was not.

    Outside research, a policy that is to be activated must answer the cases beside it.

    Args:
        settings: how this installation runs.
        policy: the policy's file; by default that of the settings.
        lake: market data in place of the bundled ones.
    """
    file = policy or settings.policy
    chosen = read_candidate(file)
    single_threaded()
    environment = environment_here()
    with log_to_write(settings) as folder, Writer(folder.store) as writer:
        cases = None
        if not settings.origin.startswith(RESEARCH) and not _runs(folder, chosen):
            require_cases(chosen, cases_file(file))
            cases = file_bytes(cases_file(file))
        request = ActivationRequest(chosen, settings.principal, environment, shell_clock(), cases=cases)
        desk = Desk(
            store=folder.store,
            writer=writer,
            lake=lake or chosen_lake(settings),
            active=activated(folder.store, request),
            assumptions=read_file_assumptions(settings.assumptions),
            environment=environment,
            account_id=settings.account_id,
            opening_cash_usd=settings.opening_cash_usd,
            principal=settings.principal,
            clock=shell_clock,
            salt_key=_no_key if settings.origin.startswith(RESEARCH) else _fresh_key,
        )
        yield OpenDesk(desk, folder)


@contextmanager
def open_service(settings: Settings, lake: Lake | None = None, telemetry: Telemetry | None = None) -> Iterator[Service]:
    """A service on the log of a home, made with its key, genesis and first activation on first use.

    A strategy that the log runs already goes on as it is; the settings' policy is for a log that runs none.
    """
    single_threaded()
    environment, telling = environment_here(), telemetry or Telemetry()
    dispatching, watching = (Background(name, telling.went_round) for name in ("dispatcher", "broker-watch"))
    halted = None if settings.lake is None else HaltWatch(data_room(settings), time.monotonic)
    with (
        log_to_write(settings) as folder,
        Writer(ObservedStore(folder.store, telling.times, telling.watch), max_waiting=settings.max_waiting) as writer,
        chosen_broker(settings, shell_clock) as broker,
        _trials(settings) as trials,
    ):
        reports = threading.Lock()
        at_hand = (shell_clock, dispatching, halted, reports)
        dispatcher = nullcontext() if broker is None else Dispatcher(folder.store, writer, broker, *at_hand)
        current = _generation_at_start(folder.store, settings, environment)
        prepare = partial(archived_generation, folder.store, environment, current.generation.policy.strategy)
        service = Service(
            store=folder.store,
            writer=writer,
            lake=lake or serving_lake(settings),
            environment=environment,
            clock=shell_clock,
            salt_key=_no_key if settings.origin.startswith(RESEARCH) else _fresh_key,
            opening_cash_usd=settings.opening_cash_usd,
            accounts=settings.accounts,
            generations=Generations(current, prepare, telling.counted.generation_swaps.inc),
            assumptions=read_file_assumptions(settings.assumptions),
            market_on=settings.market_on,
            broker=broker,
            halted=halted,
            dispatching=dispatching,
            taking_up=Background("policy-watch", telling.went_round),
            checkpoint=folder.checkpoint,
            signer=folder.signer,
            reloads=_reloads(settings, trials, telling),
            risk_terms=risk_terms(settings.risk_terms),
            report_lock=reports,
            watching=watching,
        )
        with broker_watched(service), dispatcher:
            yield service


@contextmanager
def open_models(settings: Settings) -> Iterator[ModelDesk]:
    """A desk for what a command does about models, on the log of a home, which is made on first use."""
    single_threaded()
    is_research = settings.origin.startswith(RESEARCH)
    with log_to_write(settings) as folder:
        yield ModelDesk(
            store=folder.store,
            append=store_append(folder.store),
            clock=shell_clock,
            environment=environment_bytes(environment_here()),
            salt_key=_no_key if is_research else _fresh_key,
            signer=folder.signer,
            is_direct=settings.mode is PolicyMode.DIRECT,
        )


def _trials(settings: Settings) -> CandidateProcess:
    """The process that tries candidates; it warms up with the policy that the settings name."""
    cases = cases_file(settings.policy)
    known = file_bytes(cases) if cases.exists() else None
    warming = CandidateFiles(file_bytes(settings.policy), str(settings.policy), known)
    return CandidateProcess(("-m", "api.candidate_main"), files_bytes(warming))


def _reloads(settings: Settings, trials: CandidateProcess, telemetry: Telemetry) -> Reloads:
    """How a service takes up policies."""
    trying = tried_by(trials.answer)

    def timed(files: CandidateFiles) -> Trial:
        with telemetry.counted.candidates.time():
            return trying(files)

    def told(outcome: CandidateOutcome, source: Source) -> None:
        telemetry.counted.reloads.labels(source.value, outcome.state.value).inc()
        _tell(outcome, source)

    return Reloads(
        tried=timed,
        told=told,
        is_approved_mode=settings.mode is PolicyMode.APPROVED,
        needs_impact=settings.policy_needs_impact,
        warm=trials.start,
        folder=None if settings.policy_folder is None else PolicyFolder(settings.policy_folder),
    )


def _tell(outcome: CandidateOutcome, source: Source) -> None:
    """Say what became of a candidate; nothing of one that runs already, which is handed in again and again."""
    if outcome.state is CandidateState.UNCHANGED:
        return
    said = {"file": outcome.file, "source": source.value, "state": outcome.state.value, "entry": outcome.sequence}
    if outcome.faults:
        _log.warning("policy", **said, n_faults=len(outcome.faults), first=str(outcome.faults[0]))
    else:
        _log.info("policy", **said, policy_digest=digest_text(outcome.policy_digest))


@contextmanager
def open_service_to_read(settings: Settings, lake: Lake | None = None) -> Iterator[Service]:
    """A service that shows the log of a home and writes nothing to it, whatever it was made by.

    It serves the account of the newest day plan, under the policy that the log runs as this code compiles it.
    """
    single_threaded()
    environment = environment_here()
    with log_to_read(settings) as folder, Writer(folder.store) as writer:
        shown = _shown_generation(folder.store, environment)
        with folder.store.reader() as reader:
            plans = reader.newest(EntryKind.PLAN, 1)
        yield Service(
            store=folder.store,
            writer=writer,
            lake=lake or serving_lake(settings),
            environment=environment,
            clock=shell_clock,
            salt_key=_no_key,
            opening_cash_usd=settings.opening_cash_usd,
            accounts=tuple(plan.entry.facts["account_id"] for plan in plans) or settings.accounts,
            generations=Generations(shown, partial(_shown_generation, folder.store, environment)),
            assumptions=read_file_assumptions(settings.assumptions),
            market_on=settings.market_on,
            is_read_only=True,
        )


def _shown_generation(store: LogStore, environment: Environment) -> ActiveGeneration:
    with store.reader() as reader:
        strategies = [row.strategy for row in reader.activations() if row.strategy not in GATES]
        newest = logged_activation(reader, strategies[0]) if strategies else None
        if newest is None:
            message = f"log {store.origin!r} runs no policy yet, so there is nothing to show; run a session first"
            raise EdgeError(message)
        text = reader.body(newest.refs.policy)
    generation = compiled_text(text, f"{newest.facts['policy']} v{newest.facts['version']}").generation
    return active_generation(generation, newest.refs, newest.sequence, store.origin, environment)


def http_parts(service: Service, settings: Settings, telemetry: Telemetry | None = None) -> Parts:
    """What the HTTP application over a service works with."""
    found = tokens(settings)
    shared, room, telling = shared_buckets(settings, shell_clock), data_room(settings), telemetry or Telemetry()
    broker = service.broker if isinstance(service.broker, GuardedBroker) else None
    asked = upstreams(settings, Asked(room, shared, broker), telling.went_round, is_read_only=service.is_read_only)
    return Parts(
        service=service,
        settings=settings,
        tokens=found,
        access=Access(found, shared),
        data=room,
        page=operations_page,
        attribution_page=attribution_page,
        bundle_page=bundle_page,
        telemetry=telling,
        observed=tuple(_observed(settings, asked)),
        upstreams=asked,
    )


def _observed(settings: Settings, asked: Upstreams) -> Iterator[Collector]:
    """What a server's metrics tell beside its own and the log's."""
    if asked.book is not None:
        yield OutageCollector(asked.book, tuple(asked.watched))
    yield SkewCollector(settings.home / SKEW_FILE)
    yield DriftCollector(settings.home / DRIFT_FILE)
    yield alert_collector(settings.home / ALERT_BOARD, shell_clock)
    yield shadow_collector(settings.home / SHADOWS)
    if settings.lake is not None:
        yield FeedCollector(fact_store(settings), shell_clock)


def token_keys(settings: Settings) -> TokenKeys:
    """The keys that a home's tokens are signed with."""
    return TokenKeys(settings.home / TOKEN_KEYS, time.time)


def tokens(settings: Settings) -> Tokens:
    """The tokens of a home's server."""
    return Tokens(token_keys(settings), settings.origin, time.time)


def _generation_at_start(store: LogStore, settings: Settings, environment: Environment) -> ActiveGeneration:
    """What the log runs, activated anew when the code under it changed; the settings' policy when it runs none."""
    chosen = read_candidate(settings.policy)
    with store.reader() as reader:
        newest = logged_activation(reader, chosen.parsed.policy.strategy)
        if newest is not None:
            chosen = candidate(reader.body(newest.refs.policy), f"{newest.facts['policy']} v{newest.facts['version']}")
    cases = None
    if newest is None and not settings.origin.startswith(RESEARCH):
        require_cases(chosen, cases_file(settings.policy))
        cases = file_bytes(cases_file(settings.policy))
    request = ActivationRequest(chosen, settings.principal, environment, shell_clock(), cases=cases)
    return activated(store, request)


def _begin(folder: LogFolder) -> None:
    with folder.store.transaction() as transaction:
        if transaction.size == 0:
            transaction.append(genesis_entry(folder.store.origin, folder.key.text, shell_clock()))


def _runs(folder: LogFolder, chosen: Candidate) -> bool:
    with folder.store.reader() as reader:
        newest = logged_activation(reader, chosen.parsed.policy.strategy)
    return newest is not None and newest.facts["policy_digest"] == chosen.generation.policy_digest


def _no_key() -> None:
    return None


def _fresh_key() -> bytes:
    return secrets.token_bytes(_SALT_KEY_BYTES)
