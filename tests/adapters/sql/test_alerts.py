"""The alert box: nothing raised is lost, nothing is raised twice, and it is there within a second."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sql.alerts import Alert, AlertBox
from nodes.vocabulary.errors import DataError

AT = datetime(2019, 1, 2, 21, 30, 3, tzinfo=UTC)
_SOURCE = "filings"
_CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from adapters.sql.alerts import AlertBox
box = AlertBox(Path(sys.argv[1]), lambda: datetime.now(UTC))
print("listening", flush=True)
for found in box.awaited("desk", 1, 20.0):
    print(found.alert.event_id, flush=True)
    if len(sys.argv) > 2:
        sys.stdin.read()
    box.handled("desk", found.sequence)
"""


def alert(name: str) -> Alert:
    """An alert about an event of that name."""
    return Alert(name, "results-filed", "AAPL", f"AAPL: {name}", "8-K with item 2.02", AT, AT)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[AlertBox]:
    with AlertBox(tmp_path / "alerts.db", lambda: datetime.now(UTC)) as box:
        yield box


def test_the_same_event_twice_is_one_alert(box: AlertBox) -> None:
    """SVC-EVT-03: deduplicated by event id."""
    assert box.raised([alert("one"), alert("two")], _SOURCE, 1) == 2
    assert box.raised([alert("two"), alert("three"), alert("three")], _SOURCE, 2) == 1
    assert [each.alert.event_id for each in box.pending("desk", 10)] == ["one", "two", "three"]


def test_an_alert_comes_back_as_it_was_raised(box: AlertBox) -> None:
    box.raised([alert("one")], _SOURCE, 1)
    assert box.pending("desk", 1)[0].alert == alert("one")


def test_each_subscriber_has_a_place_of_its_own(box: AlertBox) -> None:
    box.raised([alert("one"), alert("two")], _SOURCE, 1)
    box.handled("desk", 1)
    assert [each.alert.event_id for each in box.pending("desk", 10)] == ["two"]
    assert [each.alert.event_id for each in box.pending("risk", 10)] == ["one", "two"]
    assert [each.alert.event_id for each in box.after(1, 10)] == ["two"]


def test_a_place_never_moves_back_nor_past_the_last_alert(box: AlertBox) -> None:
    box.raised([alert("one"), alert("two")], _SOURCE, 1)
    box.handled("desk", 2)
    box.handled("desk", 1)
    assert box.pending("desk", 10) == ()
    with pytest.raises(DataError, match="'desk' handled alert 3, but the last is 2"):
        box.handled("desk", 3)


def test_how_far_a_source_was_read_is_kept_with_its_alerts(tmp_path: Path) -> None:
    path = tmp_path / "alerts.db"
    with AlertBox(path, lambda: AT) as box:
        assert box.read_to(_SOURCE) == -1
        box.raised([alert("one")], _SOURCE, 41)
    with AlertBox(path, lambda: AT) as again:
        assert (again.read_to(_SOURCE), again.read_to("ratings")) == (41, -1)
        assert len(again.pending("desk", 10)) == 1


def test_waiting_ends_empty_when_nothing_comes(box: AlertBox) -> None:
    assert box.awaited("desk", 1, 0.1) == ()


def test_an_alert_reaches_a_waiting_subscriber_within_a_second(box: AlertBox) -> None:
    """SVC-EVT-03: within a second; the best of ten, since the machine is shared."""
    assert min(_latency_s(box, f"event {number}") for number in range(10)) < 1.0


def _latency_s(box: AlertBox, name: str) -> float:
    seen: list[float] = []

    def wait() -> None:
        found = box.awaited("desk", 1, 10.0)
        seen.append(time.monotonic())
        box.handled("desk", found[-1].sequence)

    waiter = threading.Thread(target=wait)
    waiter.start()
    raised_at = time.monotonic()
    box.raised([alert(name)], _SOURCE, 0)
    waiter.join()
    return seen[0] - raised_at


def test_an_alert_reaches_another_process_within_a_second(box: AlertBox, tmp_path: Path) -> None:
    """SVC-EVT-03: a subscriber in a process of its own sees it too."""
    latencies_s = []
    for name in ("one", "two", "three"):
        with _subscriber(tmp_path / "alerts.db") as child:
            assert child.stdout is not None
            assert child.stdout.readline().strip() == "listening"
            raised_at = time.monotonic()
            box.raised([alert(name)], _SOURCE, 0)
            assert child.stdout.readline().strip() == name
            latencies_s.append(time.monotonic() - raised_at)
    assert min(latencies_s) < 1.0


def test_a_subscriber_killed_before_it_says_handled_gets_the_alert_again(box: AlertBox, tmp_path: Path) -> None:
    """SVC-EVT-03: at least once. The first is killed between seeing the alert and moving its place on."""
    box.raised([alert("one")], _SOURCE, 0)
    with _subscriber(tmp_path / "alerts.db", "hold") as killed:
        assert killed.stdout is not None
        assert [killed.stdout.readline().strip() for _ in range(2)] == ["listening", "one"]
        killed.kill()
    with _subscriber(tmp_path / "alerts.db") as second:
        output, _ = second.communicate(timeout=30)
    assert output.split() == ["listening", "one"]
    assert box.pending("desk", 10) == ()


def _subscriber(path: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _CHILD, str(path), *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  # our own


def test_the_newest_come_the_oldest_of_them_first(box: AlertBox) -> None:
    assert box.newest(2) == ()
    box.raised([alert("one"), alert("two"), alert("three")], _SOURCE, 1)
    assert [each.alert.event_id for each in box.newest(2)] == ["two", "three"]


def test_a_reader_that_keeps_its_own_place_waits_behind_it(box: AlertBox) -> None:
    box.raised([alert("one")], _SOURCE, 1)
    assert box.awaited_after(1, 10, 0.0) == ()
    box.raised([alert("two")], _SOURCE, 2)
    assert [each.alert.event_id for each in box.awaited_after(1, 10, 0.0)] == ["two"]
