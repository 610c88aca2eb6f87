"""A backtest that trains its model anew as it goes: each stretch is scored by what was known before it alone.

For each stretch of `dataflows.backtest.retraining`, at the close before it:

 1. the study runs on what was known by then, less the embargo; its trials go into the ledger of the run's own log
 2. its version is registered there, and judged by the promotion gate that the retraining names
 3. one that the gate lets in becomes champion; where it lets none in, the champion before goes on, and without one
    nothing is scored, so that the policy adds no risk
 4. the sessions of the stretch are decided, under the champion that the log has now

A figure is deflated by every trial of every stretch before it. Rewriting what comes after a session changes nothing of
what was decided up to it: no study saw it. No shadow runs: a backtest has no days to wait for, and the stretch itself
is what a shadow would have seen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from api.use_cases.backtest_run import Progress, kept_run
from api.use_cases.desk import RESEARCH, ActiveGeneration, Desk
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_log import ModelEvent, ModelLog, model_log
from api.use_cases.model_work import PROMOTION, Asked
from api.use_cases.promotions import automatic_promotion, moved_model
from api.use_cases.research import ResearchDesk, ResearchRequest, registered_because, research
from api.use_cases.studies import study_of
from dataflows.backtest.retraining import Retraining, Stretch, retraining_of, stretches, studied
from dataflows.backtest.shared import SharedSessions
from dataflows.features import FeatureSnapshot
from dataflows.models import scoring_family
from dataflows.research.trials import KeptFits
from governance.entries import EntryKind
from governance.models import Stage, StageRow, stage_of_facts
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError, LogError

_WAY = (Stage.CANDIDATE.value, Stage.SHADOW.value, Stage.CHALLENGER.value)


class RetrainingAsked(msgspec.Struct, frozen=True):
    """How a backtest is to train its model anew, in texts.

    Attributes:
        policy: text of the policy that says when, on what and through which gate.
        file: its name, for faults.
        study: text of the research policy that it names.
        study_file: its name, for faults.
    """

    policy: str
    file: str
    study: str
    study_file: str


class Trained(msgspec.Struct, frozen=True):
    """What one training came to.

    Attributes:
        trained_on: the session at whose close the study ran.
        studied_to: the last session that it saw.
        first_on: the first session of its stretch.
        last_on: the last.
        model: family and version that was registered.
        action: what the gate said of it: act, hold or deny.
        reasons: what its rules said, gravest first.
        n_trials: trials in the ledger by then, which its figures are deflated by.
        scored_by: family and version that scored the stretch; "" where none did.
    """

    trained_on: date
    studied_to: date
    first_on: date
    last_on: date
    model: str
    action: str
    reasons: tuple[str, ...]
    n_trials: int
    scored_by: str


@dataclass(frozen=True)
class TrainingGround:
    """What trainings of a backtest work with.

    Attributes:
        models: registry and gates of the run's own log.
        known: the facts that features read, as they were known at the close of a session; later ones may be among them.
        kept: results of fits, which survive a run that breaks off.
        n_workers: processes that fit.
    """

    models: ModelDesk
    known: Callable[[date], FeatureSnapshot]
    kept: KeptFits
    n_workers: int = 1


@dataclass(frozen=True)
class Walk:
    """A backtest's trainings, checked.

    Attributes:
        retraining: when, on what, through which gate.
        study: the research policy's text.
        study_file: its name.
        family: of the models.
    """

    retraining: Retraining
    study: bytes
    study_file: str
    family: str

    def name(self, stretch: Stretch) -> str:
        """The name of the study of a stretch."""
        return f"{self.retraining.name} at the close of {stretch.trained_on.isoformat()}"


@dataclass(frozen=True)
class Walked:
    """A backtest that was walked through.

    Attributes:
        retraining: how its model was trained.
        trained: each training, in order.
        actives: what each session was decided under.
    """

    retraining: Retraining
    trained: tuple[Trained, ...]
    actives: Mapping[date, ActiveGeneration]


def checked_walk(asked: RetrainingAsked) -> Walk:
    """The trainings that are asked for. Raises PolicyError with every fault of either text, or EdgeError (invalid)."""
    retraining = retraining_of(asked.policy.encode(), asked.file)
    design = study_of(asked.study.encode(), asked.study_file).design
    found = f"{design.family} v{design.version}"
    if found != retraining.study:
        message = f"{retraining.name} trains by study {retraining.study}, {asked.study_file} is {found}; hand that over"
        raise EdgeError(message, reason="invalid")
    return Walk(retraining, asked.study.encode(), asked.study_file, design.family)


def walked_run(
    desk: Desk, ground: TrainingGround, walk: Walk, sessions: Sequence[date], told: tuple[SharedSessions, Progress]
) -> Walked:
    """Sessions on the desk's log, a model trained before each stretch. A run that broke off goes on where it did.

    Raises EdgeError where the policy trades no model of the study, the log is none of research, or runs another gate
    than the retraining names; DataError where too little was known to train on.
    """
    _require_fit(desk, ground, walk)
    shared, progress = told
    trained: list[Trained] = []
    actives: dict[date, ActiveGeneration] = {}
    names: list[str] = []
    for stretch in stretches(walk.retraining, sessions, desk.lake.calendar):
        if not _has_begun(desk, stretch):
            _train(ground, walk, stretch, progress)
        names.append(walk.name(stretch))
        champion, found = _learned(desk, walk.family, stretch, names)
        trained.append(found)
        active = dataclasses.replace(desk.active, champions=() if champion is None else (champion,))
        actives |= dict.fromkeys(stretch.sessions, active)
        if not _is_over(desk, stretch):
            counted = _Counted(progress, len(actives) - len(stretch.sessions), len(sessions))
            kept_run(dataclasses.replace(desk, active=active), stretch.sessions, shared, counted)
    return Walked(walk.retraining, tuple(trained), actives)


def _require_fit(desk: Desk, ground: TrainingGround, walk: Walk) -> None:
    policy, family = desk.active.generation.policy, scoring_family(desk.active.session.plan)
    if family != walk.family:
        message = (
            f"policy {policy.family} v{policy.version} trades {family or 'no model'}, the study trains {walk.family}"
        )
        raise EdgeError(f"{message}; name a policy with model_family: {walk.family}", reason="invalid")
    if not desk.store.origin.startswith(RESEARCH) or not ground.models.is_direct:
        message = (
            f"log {desk.store.origin!r} is none of research: only there does clockwork promote what a gate lets in"
        )
        raise EdgeError(f"{message}; train in a backtest's own log", reason="invalid")
    gate = ground.models.gate(PROMOTION).name
    if gate != walk.retraining.gate:
        message = f"{walk.retraining.name} promotes by {walk.retraining.gate}, log {desk.store.origin!r} runs {gate}"
        raise EdgeError(f"{message}; name that one", reason="invalid")


def _train(ground: TrainingGround, walk: Walk, stretch: Stretch, progress: Progress) -> None:
    """The study of a stretch, and what becomes of its version. Done again after it broke off, it comes to the same."""
    name = walk.name(stretch)

    def snapshot() -> FeatureSnapshot:
        return studied(ground.known(stretch.studied_to), walk.retraining, stretch)

    request = ResearchRequest(walk.study, walk.study_file, name, walk.retraining.name, ground.n_workers)
    found = research(ResearchDesk(ground.models, snapshot, ground.kept), request, progress)
    if not found.judgement.lets_in:
        return
    asked = Asked(found.model.family, found.model.version, walk.retraining.name, name)
    stage = _stage(ground.models, asked)
    for wanted in (Stage.SHADOW, Stage.CHALLENGER):
        if stage in _WAY[: _WAY.index(wanted.value)]:
            stage = moved_model(ground.models, asked, wanted).state
    if stage == Stage.CHALLENGER.value:
        automatic_promotion(ground.models, asked)


def _stage(models: ModelDesk, asked: Asked) -> str:
    with models.store.reader() as reader:
        stages = reader.registry.stages()
    return next(row.stage for row in stages if (row.family, row.version) == (asked.family, asked.version))


def _has_begun(desk: Desk, stretch: Stretch) -> bool:
    decided_on = _decided_on(desk)
    return decided_on is not None and decided_on >= stretch.sessions[0]


def _is_over(desk: Desk, stretch: Stretch) -> bool:
    decided_on = _decided_on(desk)
    return decided_on is not None and decided_on >= stretch.sessions[-1]


def _decided_on(desk: Desk) -> date | None:
    with desk.store.reader() as reader:
        row = reader.account(desk.account_id)
    return None if row is None else account_from_bytes(row.content).decided_on


def _learned(desk: Desk, family: str, stretch: Stretch, names: Sequence[str]) -> tuple[StageRow | None, Trained]:
    """What the log says of the training of a stretch, the last of some by name, and who was champion in it."""
    with desk.store.reader() as reader:
        log = model_log(reader, family)
    model = _registration(log, names[-1])
    judged = next(event for event in log.of_version(model.version) if event.kind == EntryKind.GATE.value)
    crowning = next((event for event in reversed(log.crownings) if event.because in names), None)
    champion = None if crowning is None else stage_of_facts(crowning.facts, crowning.sequence)
    trained = Trained(
        trained_on=stretch.trained_on,
        studied_to=stretch.studied_to,
        first_on=stretch.sessions[0],
        last_on=stretch.sessions[-1],
        model=f"{family} v{model.version}",
        action=str(judged.facts["action"]),
        reasons=tuple(judged.facts["reasons"]),
        n_trials=int(model.facts["n_trials"]),
        scored_by="" if champion is None else champion.name,
    )
    return champion, trained


def _registration(log: ModelLog, name: str) -> ModelEvent:
    """The entry that registered the version of a study. Raises LogError when there is none."""
    for event in reversed(log.events):
        if event.kind == EntryKind.MODEL.value and event.because == registered_because(name):
            return event
    message = f"no entry of the log registers a version of {name!r}, yet sessions that follow it are decided"
    raise LogError(f"{message}; verify the log")


class _Counted:
    """Progress over all sessions, told by one stretch of them."""

    def __init__(self, progress: Progress, n_before: int, n_all: int) -> None:
        self._progress, self._n_before, self._n_all = progress, n_before, n_all

    def __call__(self, what: str, n_done: int, _n_stretch: int) -> None:
        """Told by a stretch."""
        self._progress(what, self._n_before + n_done, self._n_all)
