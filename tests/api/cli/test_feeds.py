"""`assay data fetch` and `assay data feeds` against a publisher on the loopback interface."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.adapters.feeds.peers.server import LONG_REST, Peer, Reply, running
from tests.api.cli.invoking import answer, invoked, json_answer


@pytest.fixture
def peer() -> Iterator[Peer]:
    stamp = format_datetime(datetime.now(UTC) - timedelta(hours=2))
    body = (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>News</title><item><title>Apple rises</title>'
        f"<pubDate>{stamp}</pubDate></item><item><title>No time</title></item></channel></rss>"
    )
    with running(lambda _: Reply(body, kind="application/xml")) as started:
        yield started


@pytest.fixture
def feeds(peer: Peer, tmp_path: Path) -> str:
    place = tmp_path / "feeds.yaml"
    place.write_text(
        f"rss: {{feeds: {{wire: '{peer.url}/news'}}, words: {{AAPL: [Apple]}}}}\nfred: {{series: {{GDP: usd}}}}\n"
    )
    return str(place)


@pytest.fixture
def lake(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def test_a_fetch_says_what_came_and_a_second_one_brings_nothing_new(feeds: str, lake: str) -> None:
    """ING-01."""
    first = json_answer("data", "fetch", "rss", "--feeds", feeds, "--lake", lake)
    assert (first["outcome"], first["n_fetched"], first["n_accepted"], first["n_quarantined"]) == ("done", 2, 1, 1)
    again = answer("data", "fetch", "rss", "--feeds", feeds, "--lake", lake)
    assert again.splitlines()[-1].split()[-4:] == ["2", "0", "1", "done"]
    told = answer("data", "quarantine", "texts", "--lake", lake)
    assert "states no time of publication" in told.replace("\n", " ")


def test_feeds_are_listed_with_how_far_they_have_come(feeds: str, lake: str) -> None:
    answer("data", "fetch", "rss", "--feeds", feeds, "--lake", lake)
    (state,) = json_answer("data", "feeds", "--lake", lake)
    assert (state["feed"], state["outcome"], state["n_failures"], state["breaker"]) == ("rss", "done", 0, "closed")
    assert state["watermark"] is not None
    assert "rss" in answer("data", "feeds", "--lake", lake)


def test_a_fetch_that_did_not_complete_answers_no_and_says_why(feeds: str, lake: str, peer: Peer) -> None:
    peer.always(LONG_REST)
    result = invoked("data", "fetch", "rss", "--feeds", feeds, "--lake", lake)
    assert result.exit_code == 1
    assert "feed wire asks for 900 s of rest" in result.stderr
    again = invoked("data", "fetch", "rss", "--feeds", feeds, "--lake", lake)
    assert again.exit_code == 14
    assert "rss asked for rest until" in again.stderr
    assert len(peer.asked) == 1


def test_metrics_of_a_run_can_be_left_for_prometheus(feeds: str, lake: str, tmp_path: Path) -> None:
    place = tmp_path / "feeds.prom"
    answer("data", "fetch", "rss", "--feeds", feeds, "--lake", lake, "--metrics", str(place))
    assert 'assay_feed_rows_accepted_total{domain="texts",source="rss"} 1.0' in place.read_text()


def _end_when_there(file: Path) -> None:
    """Tell this process to end once a file is there; a command that never wrote it has ended by itself."""
    for _ in range(200):
        if file.exists():
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(0.05)


def test_feeds_are_kept_until_the_process_is_told_to_end(tmp_path: Path, peer: Peer, lake: str) -> None:
    """Journey 4: what was begun is finished, and nothing is asked again before it is due."""
    place = tmp_path / "kept.yaml"
    place.write_text(f"rss: {{feeds: {{wire: '{peer.url}/news'}}, words: {{AAPL: [Apple]}}}}\n")
    metrics = tmp_path / "kept.prom"
    end = threading.Thread(target=_end_when_there, args=(metrics,))
    end.start()
    told = json.loads(answer("data", "keep", "--feeds", str(place), "--lake", lake, "--metrics", str(metrics)))
    end.join()
    assert (told["feed"], told["outcome"], len(peer.asked)) == ("rss", "done", 1)
    assert "assay_feed_completed_timestamp_seconds" in metrics.read_text()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fred",), "this feed needs a key that is not set; set ASSAY_FRED_KEY"),
        (("yahoo",), "'yahoo' is not described in the file of feeds"),
        (("bloomberg",), "'bloomberg' is no feed"),
    ],
)
def test_a_feed_that_cannot_be_asked_says_what_to_do(
    feeds: str, lake: str, arguments: tuple[str, ...], words: str
) -> None:
    result = invoked("data", "fetch", *arguments, "--feeds", feeds, "--lake", lake)
    assert result.exit_code == 14
    assert " ".join(words.split("; ")) in " ".join(result.stderr.replace("mend: ", "").split())


def test_without_a_file_of_feeds_the_way_to_name_one_is_told(lake: str) -> None:
    result = invoked("data", "fetch", "rss", "--lake", lake)
    assert "no file says which feeds are wanted" in result.stderr
    assert "give --feeds FILE or set ASSAY_FEEDS" in result.stderr


def test_the_answer_as_json_is_nothing_else(feeds: str, lake: str) -> None:
    text = answer("data", "fetch", "rss", "--feeds", feeds, "--lake", lake, "--json")
    assert json.loads(text)["feed"] == "rss"
