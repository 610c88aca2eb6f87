"""SGN-06: what opens a circuit, who probes it, and which outcomes count."""

from __future__ import annotations

import threading

from adapters.upstreams.circuit import Circuit, CircuitState, Pass, Turn


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def _circuit(clock: Clock, failures: int = 2) -> Circuit:
    return Circuit(failures, 1.0, 3.0, clock)


def _given(circuit: Circuit) -> Pass:
    given = circuit.admitted()
    assert given is not None
    return given


def _opened(clock: Clock) -> Circuit:
    circuit = _circuit(clock, 1)
    assert circuit.failed(_given(circuit)) is Turn.OPENED
    return circuit


def test_it_opens_after_so_many_failures_in_a_row_and_a_success_begins_the_row_again() -> None:
    circuit = _circuit(Clock())
    assert circuit.failed(_given(circuit)) is None
    assert circuit.succeeded(_given(circuit)) is None
    assert [circuit.failed(_given(circuit)) for _ in range(2)] == [None, Turn.OPENED]
    assert (circuit.state, circuit.rests_s) == (CircuitState.OPEN, 1.0)


def test_nobody_gets_through_while_it_rests_and_then_exactly_one_of_many_threads() -> None:
    clock = Clock()
    circuit = _opened(clock)
    assert circuit.admitted() is None
    clock.now_s = 1.0
    given: list[Pass | None] = []
    threads = [threading.Thread(target=lambda: given.append(circuit.admitted())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [each.is_probe for each in given if each is not None] == [True]
    assert circuit.state is CircuitState.HALF_OPEN


def test_a_probe_that_succeeds_closes_it() -> None:
    clock = Clock()
    circuit = _opened(clock)
    clock.now_s = 1.0
    assert circuit.succeeded(_given(circuit)) is Turn.CLOSED
    assert (circuit.state, circuit.rests_s) == (CircuitState.CLOSED, 0.0)


def test_each_probe_that_fails_doubles_the_rest_up_to_the_longest() -> None:
    clock = Clock()
    circuit, rests_s = _opened(clock), []
    for _ in range(3):
        clock.now_s += circuit.rests_s
        assert circuit.failed(_given(circuit)) is Turn.REOPENED
        rests_s.append(circuit.rests_s)
    assert rests_s == [2.0, 3.0, 3.0]


def test_the_rest_is_the_first_one_again_after_it_was_closed() -> None:
    clock = Clock()
    circuit = _opened(clock)
    clock.now_s = 1.0
    circuit.failed(_given(circuit))
    clock.now_s = 3.0
    circuit.succeeded(_given(circuit))
    circuit.failed(_given(circuit))
    assert circuit.rests_s == 1.0


def test_outcomes_of_questions_from_before_it_opened_say_nothing() -> None:
    clock = Clock()
    circuit = _circuit(clock, 1)
    late, later = _given(circuit), _given(circuit)
    circuit.failed(_given(circuit))
    assert circuit.succeeded(late) is None
    clock.now_s = 1.0
    probe = _given(circuit)
    assert circuit.failed(later) is None
    assert circuit.succeeded(probe) is Turn.CLOSED
