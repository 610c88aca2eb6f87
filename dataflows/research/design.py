"""The design of a study, as a research policy writes it: data, labels, folds, models and their searches, costs.

A research policy is a policy document without rules: the names below are the study's own, every other parameter is one
of a feature node. What of it is wrong is told at once, each fault with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypeVar, cast, get_args

from dataflows.research.ports import Setting
from dataflows.research.samples import Kind
from nodes.vocabulary.errors import Fault, PolicyError
from policies.parse import ParsedPolicy, policy_digest

LabelKind: TypeAlias = Literal["triple-barrier", "forward-return", "scaled-return", "meta-label"]
FoldKind: TypeAlias = Literal["walk-forward", "combinatorial-purged"]
BookKind: TypeAlias = Literal["neutral", "long-only"]
VOLATILITIES = ("volatility_frac", "daily_volatility_frac")
"""Nodes that labels can be measured in; the first where a policy names none."""
_LOG = "log"
MAX_COUNT = 10_000
_COUNTS = {
    "n_trials": 1_000,
    "n_bootstraps": 100_000,
    "bootstrap_block_sessions": MAX_COUNT,
    "n_blocks": 20,
    "study_seed": 2**31,
}
"""The counts of a study with the most that each may be: a study may come from anybody with the right to run one."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Range:
    """A hyper-parameter that is searched between two numbers.

    Attributes:
        low: the least value; whole when the parameter is.
        high: the greatest, inclusive.
        is_log: whether orders of magnitude are equally likely, rather than values.
    """

    low: int | float
    high: int | float
    is_log: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True, slots=True)
class Choice:
    """A hyper-parameter that is one of some values; of one value, it is fixed."""

    values: tuple[Setting, ...]


Space: TypeAlias = Mapping[str, Range | Choice]
"""What is searched: each hyper-parameter by name."""


@dataclass(frozen=True)
class LabelDesign:
    """How samples are drawn and what they are asked.

    Attributes:
        kind: triple barrier, the sign of the return over the horizon, that return in units of what was usual, or
            whether it would have paid to follow a primary rule.
        horizon_sessions: how long a sample lives at most.
        upper_score: distance of the upper barrier, in volatilities of the horizon.
        lower_score: of the lower one.
        step_sessions: every so many sessions a sample of each share begins.
        volatility: the node that barriers and scaled returns are measured in.
        primary: of a meta-label, the feature whose sign is the side of the bet: a rule that was fitted to nothing, so
            that all it says is out of sample. "" for other labels.
    """

    kind: LabelKind
    horizon_sessions: int
    upper_score: float
    lower_score: float
    step_sessions: int
    volatility: str = "volatility_frac"
    primary: str = ""

    @property
    def target_kind(self) -> Kind:
        """Whether a label is a class or a value."""
        return "value" if self.kind == "scaled-return" else "class"


@dataclass(frozen=True)
class FoldDesign:
    """How samples are split.

    Attributes:
        kind: the scheme of what is tested.
        n_folds: tested folds, or groups of the combinatorial scheme.
        n_test_groups: groups that each combinatorial split tests.
        n_inner_folds: purged folds inside each training part, by which settings are chosen.
        embargo_sessions: how long after a tested span nothing is learnt.
    """

    kind: FoldKind
    n_folds: int
    n_test_groups: int
    n_inner_folds: int
    embargo_sessions: int


@dataclass(frozen=True)
class BookDesign:
    """How predictions become holdings, and what holding costs.

    Attributes:
        kind: long and short with no net holding, or long only, judged against holding all shares alike.
        delay_sessions: sessions between the close at which features were known and the close that is traded at.
        cost_bps: of what is traded, each way.
        borrow_fee_frac: of what is short, a year.
    """

    kind: BookKind
    delay_sessions: int
    cost_bps: float
    borrow_fee_frac: float


@dataclass(frozen=True)
class ModelDesign:
    """A kind of model and what is searched of it."""

    name: str
    space: Space


@dataclass(frozen=True)
class StudyDesign:
    """A study before it is run.

    Attributes:
        family: of the research policy; trials of one family count together.
        version: of the policy.
        digest: of the policy, whole.
        features: names of the feature nodes.
        nodes: the policy with the parameters of nodes alone.
        label: samples and labels.
        folds: splits.
        book: holdings and costs.
        models: what is searched.
        n_trials: settings tried of each model in each training part.
        n_bootstraps: of the tests of significance.
        bootstrap_block_sessions: mean length of a block that is resampled, about as long as bets overlap.
        n_blocks: blocks of the combinatorial cross-validation of backtests.
        seed: of all chance.
    """

    family: str
    version: int
    digest: bytes
    features: tuple[str, ...]
    nodes: ParsedPolicy
    label: LabelDesign
    folds: FoldDesign
    book: BookDesign
    models: tuple[ModelDesign, ...]
    n_trials: int
    n_bootstraps: int
    bootstrap_block_sessions: int
    n_blocks: int
    seed: int


def study_design(parsed: ParsedPolicy) -> StudyDesign:
    """The design that a research policy writes. Raises PolicyError with every fault."""
    reading = _Reading(parsed)
    features = reading.words("feature_names")
    names = reading.words("models")
    label = _label(reading)
    folds = _folds(reading)
    book = _book(reading)
    models = tuple(ModelDesign(name, reading.space(name)) for name in names)
    counts = {name: reading.whole(name, 1, most) for name, most in _COUNTS.items()}
    own = reading.finished()
    policy = parsed.policy
    left = {name: value for name, value in policy.params.items() if name not in own}
    nodes = ParsedPolicy(policy.model_copy(update={"params": left}), parsed.marks, parsed.gaps)
    return StudyDesign(
        family=policy.family,
        version=policy.version,
        digest=policy_digest(policy),
        features=features,
        nodes=nodes,
        label=label,
        folds=folds,
        book=book,
        models=models,
        seed=counts.pop("study_seed"),
        **counts,
    )


def _label(reading: _Reading) -> LabelDesign:
    kind = cast("LabelKind", reading.word("label", get_args(LabelKind)))
    return LabelDesign(
        kind=kind,
        horizon_sessions=reading.whole("label_horizon_sessions", 1),
        upper_score=reading.number("upper_barrier_score", 0.0),
        lower_score=reading.number("lower_barrier_score", 0.0),
        step_sessions=reading.whole("sample_step_sessions", 1),
        volatility=reading.word_or(VOLATILITIES[0], "label_volatility", VOLATILITIES),
        primary=reading.name("primary_feature") if kind == "meta-label" else "",
    )


def _folds(reading: _Reading) -> FoldDesign:
    return FoldDesign(
        kind=cast("FoldKind", reading.word("folds", get_args(FoldKind))),
        n_folds=reading.whole("n_folds", 1, 20),
        n_test_groups=reading.whole("n_test_groups", 1),
        n_inner_folds=reading.whole("n_inner_folds", 2, 20),
        embargo_sessions=reading.whole("embargo_sessions", 0),
    )


def _book(reading: _Reading) -> BookDesign:
    return BookDesign(
        kind=cast("BookKind", reading.word("book", get_args(BookKind))),
        delay_sessions=reading.whole("trade_delay_sessions", 1),
        cost_bps=reading.number("trade_cost_bps", 0.0),
        borrow_fee_frac=reading.number("borrow_fee_frac", 0.0),
    )


class _Reading:
    """Values of a policy by name, and what is wrong with them."""

    def __init__(self, parsed: ParsedPolicy) -> None:
        self._parsed = parsed
        self._params: Mapping[str, Any] = parsed.policy.params
        self._own: set[str] = set()
        self._faults: list[Fault] = []

    def finished(self) -> frozenset[str]:
        """The names that were read. Raises PolicyError with everything that was wrong."""
        if self._parsed.policy.rules or self._parsed.policy.signal:
            self._complain("rules", "a study decides no order, yet the policy has rules or a signal", "remove them")
        if self._faults:
            raise PolicyError(self._faults)
        return frozenset(self._own)

    def whole(self, name: str, least: int, most: int = MAX_COUNT) -> int:
        """A whole number between two, both allowed."""
        value = self._value(name)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        return self._refused(name, value, f"a whole number from {least} to {most:,}", least)

    def number(self, name: str, least: float) -> float:
        """A number of at least so much."""
        value = self._value(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= least:
            return float(value)
        return self._refused(name, value, f"a number from {least:g}", least)

    def word(self, name: str, known: Iterable[str]) -> str:
        """One of some words."""
        value, words = self._value(name), tuple(known)
        if isinstance(value, str) and value in words:
            return value
        return self._refused(name, value, f"one of {', '.join(words)}", words[0])

    def word_or(self, otherwise: str, name: str, known: Iterable[str]) -> str:
        """One of some words; another one where the policy says nothing."""
        return self.word(name, known) if name in self._params else otherwise

    def name(self, name: str) -> str:
        """The name of a node."""
        value = self._value(name)
        if isinstance(value, str) and value:
            return value
        return self._refused(name, value, "the name of a feature", "")

    def words(self, name: str) -> tuple[str, ...]:
        """Different words, at least one."""
        value = self._value(name)
        if isinstance(value, tuple) and value and all(isinstance(each, str) for each in value):
            words = cast("tuple[str, ...]", value)
            if len(set(words)) == len(words):
                return words
        return self._refused(name, value, "a list of different names", cast("tuple[str, ...]", ()))

    def space(self, model: str) -> Space:
        """What is searched of a model: every parameter that begins with its name."""
        prefix = f"{model.replace('-', '_')}_"
        found = {name: value for name, value in self._params.items() if name.startswith(prefix)}
        self._own |= found.keys()
        return {name.removeprefix(prefix): self._dimension(name, value) for name, value in found.items()}

    def _dimension(self, name: str, value: object) -> Range | Choice:
        if not isinstance(value, tuple):
            return Choice((cast("Setting", value),))
        numbers = [each for each in value if isinstance(each, int | float) and not isinstance(each, bool)]
        is_log = len(value) == 3 and value[2] == _LOG  # noqa: PLR2004  # two ends and the word
        if len(numbers) == 2 and (is_log or len(value) == 2):  # noqa: PLR2004  # two ends
            low, high = numbers
            if low < high and (low > 0 or not is_log):
                return Range(low, high, is_log)
            mend = "two ends, the lower first and above 0 for log"
            return self._refused(name, value, mend, Choice((low,)))
        if value and all(isinstance(each, str | bool) for each in value):
            return Choice(value)
        return self._refused(name, value, "a value, [low, high], [low, high, log] or a list of words", Choice((0,)))

    def _value(self, name: str) -> Any:  # noqa: ANN401  # of any type until it is looked at
        self._own.add(name)
        return self._params.get(name)

    def _refused(self, name: str, value: object, wanted: str, instead: _T) -> _T:
        what = f"{name} is missing" if value is None else f"{name} was {value!r}"
        self._complain(name, f"{what}, expected {wanted}", f"write {wanted}")
        return instead

    def _complain(self, name: str, what: str, mend: str) -> None:
        self._faults.append(self._parsed.marks.fault(("params", name), what, mend))
