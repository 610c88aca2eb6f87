"""The line to a vendor keeps the manners: turns, rests, second attempts, and peace for one who is down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from adapters.feeds.faults import (
    MalformedError,
    RefusedError,
    RestingError,
    ThrottledError,
    Translation,
    UnreachableError,
)
from adapters.feeds.feed_metrics import FeedMetrics, feed_metrics
from adapters.feeds.line import Line, Patience
from nodes.vocabulary.errors import AssayError, EdgeError

QUICK = Patience(attempts=3, first_pause_s=0.001, longest_pause_s=0.002, longest_rest_s=1.0, breaker_failures=4)


class VendorError(Exception):
    """What a client library raises."""


def _translation(fault: AssayError) -> Translation:
    return Translation((VendorError,), lambda _: fault)


def _line(metrics: FeedMetrics | None = None, patience: Patience = QUICK, rate: str = "1000/second") -> Line:
    return Line("vendor", rate, patience, metrics or feed_metrics())


def _answers(*answers: int | None) -> Callable[[], int]:
    given: Iterator[int | None] = iter(answers)

    def ask() -> int:
        answer = next(given)
        if answer is None:
            raise VendorError("https://vendor/?token=secret")
        return answer

    return ask


def test_a_question_that_fails_is_asked_again() -> None:
    """ING-01."""
    fault = UnreachableError("vendor", "status 502")
    assert _line().answer(_answers(None, None, 7), _translation(fault)) == 7


def test_a_vendor_that_never_answers_is_given_up_after_the_attempts() -> None:
    fault = UnreachableError("vendor", "status 502")
    with pytest.raises(UnreachableError, match="vendor did not answer: status 502; try again later"):
        _line().answer(_answers(None, None, None, 7), _translation(fault))


def test_a_throttled_question_waits_as_long_as_the_vendor_says() -> None:
    """ING-01."""
    line, began = _line(), time.monotonic()
    assert line.answer(_answers(None, 7), _translation(ThrottledError("vendor", 0.2))) == 7
    assert time.monotonic() - began >= 0.2
    assert line.n_throttled == 1


def test_a_rest_beyond_our_patience_ends_the_question() -> None:
    with pytest.raises(ThrottledError, match="asks for 900 s of rest"):
        _line().answer(_answers(None, 7), _translation(ThrottledError("vendor", 900)))


@pytest.mark.parametrize("fault", [RefusedError("vendor", "status 401"), MalformedError("vendor", "not JSON")])
def test_what_cannot_pass_is_not_asked_again(fault: AssayError) -> None:
    with pytest.raises(type(fault), match="vendor"):
        _line().answer(_answers(None, 7), _translation(fault))


def test_a_vendor_that_fails_again_and_again_is_left_alone_and_tried_once_after_a_while() -> None:
    """ING-01."""
    metrics = feed_metrics()
    patience = Patience(attempts=1, breaker_failures=2, breaker_rest_s=0.2)
    line = _line(metrics, patience)
    broken = _translation(UnreachableError("vendor", "hung up"))
    for _ in range(2):
        with pytest.raises(UnreachableError, match="hung up"):
            line.answer(_answers(None), broken)
    assert line.breaker == "opened"
    assert metrics.registry.get_sample_value("assay_feed_breaker_state", {"source": "vendor"}) == 2
    with pytest.raises(RestingError, match="left alone"):
        line.answer(_answers(7), broken)
    time.sleep(0.25)
    assert line.answer(_answers(7), broken) == 7
    assert line.breaker == "closed"


def test_throttling_does_not_open_the_breaker() -> None:
    line = _line(patience=Patience(attempts=1, breaker_failures=1))
    with pytest.raises(ThrottledError, match="rest"):
        line.answer(_answers(None), _translation(ThrottledError("vendor", 0)))
    assert line.breaker == "closed"


def test_questions_wait_for_their_turn() -> None:
    """ING-01."""
    line, began = _line(rate="2/second"), time.monotonic()
    for _ in range(3):
        line.answer(_answers(1), _translation(UnreachableError("vendor", "")))
    assert time.monotonic() - began >= 0.9


def test_the_vendors_exception_with_its_address_goes_no_further() -> None:
    with pytest.raises(UnreachableError, match="vendor") as caught:
        _line(patience=Patience(attempts=1)).answer(_answers(None), _translation(UnreachableError("vendor", "down")))
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_a_rate_that_says_nothing_is_refused() -> None:
    with pytest.raises(EdgeError, match="rate 'often' cannot be read; write it as number/period"):
        _line(rate="often")
