"""`/metrics` (API-SIG-11): OpenMetrics that its own parser takes, without a name of an account, person or share."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from litestar.testing import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from typer.testing import CliRunner

from adapters.telemetry.drift_metrics import FILE as DRIFT_FILE
from adapters.telemetry.drift_metrics import Watched, drift_exposition
from adapters.telemetry.skew_metrics import FILE, skew_exposition
from api.bootstrap import http_parts
from api.cli.app import app
from api.http.app import app as served_app
from dataflows.audit.skew import Pair, feature_skews
from nodes.vocabulary.verdict import Verdict
from tests.adapters.telemetry.alerting import fires, rules, samples
from tests.api.http.serving import Served


def _text(home: Served) -> str:
    """The metrics of now: a scrape is kept for a second."""
    home.parts.telemetry._scraped = (0.0, b"")
    return home.client.get("/metrics").text


def _families(home: Served) -> dict[str, list[tuple[dict[str, str], float]]]:
    text = _text(home)
    parsed = text_string_to_metric_families(text)  # type: ignore[no-untyped-call]  # it ships without annotations
    return {
        family.name: [(sample.labels, sample.value) for sample in family.samples if not sample.name.endswith("created")]
        for family in parsed
    }


def test_the_page_is_openmetrics(home: Served) -> None:
    response = home.client.get("/metrics")
    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert response.text.endswith("# EOF\n")
    families = _families(home)
    assert families["assay_log_up"] == [({}, 1.0)]
    assert families["assay_log_entries"][0][1] > 0


def test_an_order_is_counted_by_its_verdict_and_timed(home: Served) -> None:
    def decided() -> float:
        return sum(value for _labels, value in _families(home)["assay_decisions"])

    before = decided()
    assert home.ordered(account_id="second", symbol="IBM", qty="20").status_code == 200
    assert decided() == before + 1


def test_a_refused_request_is_counted_by_its_reason(home: Served) -> None:
    home.client.get("/api/v1/plan")
    assert any(labels == {"reason": "unauthenticated"} for labels, _ in _families(home)["assay_auth_refused"])


def test_labels_name_no_account_person_or_share(home: Served) -> None:
    home.ordered(account_id="hidden")
    text = home.client.get("/metrics").text
    assert not any(f'"{word}"' in text for word in ("hidden", "paper", "trader", "AAPL"))


def test_skew_that_was_measured_pages_from_the_servers_own_metrics(home: Served) -> None:
    """PIT-03: from a log, by `assay pit skew --publish`, over /metrics, to the alert."""
    expression = rules("feature-skew")["FeatureSkew"]["expr"]
    policy = ["--home", str(home.settings.home)]
    measured = CliRunner(env={"ASSAY_ORIGIN": "paper"}).invoke(app, ["pit", "skew", *policy, "--publish"])
    assert measured.exit_code == 0, measured.output
    file = home.settings.home / FILE
    assert not fires(expression, _text(home), datetime.now(UTC))
    assert not fires(rules("feature-skew")["FeatureSkewNotMeasured"]["expr"], _text(home), datetime.now(UTC))
    pairs = [Pair("momentum_frac", "A", date(2026, 11, 20), 1.0, 1.0000000001, "correction")]
    file.write_text(skew_exposition(feature_skews(pairs), datetime.now(UTC)), encoding="utf-8")
    assert fires(expression, _text(home), datetime.now(UTC))
    file.unlink()
    assert fires(rules("feature-skew")["FeatureSkewNotMeasured"]["expr"], _text(home), datetime.now(UTC))


def test_a_champion_that_the_watch_takes_back_pages_from_the_servers_own_metrics(home: Served) -> None:
    """INF-03: what the watch left in the home, over /metrics, to the alert."""
    found = Watched("us-equities", 3, None, {"live_sessions": 63}, Verdict.DENY)
    (home.settings.home / DRIFT_FILE).write_text(drift_exposition([found], datetime.now(UTC)), encoding="utf-8")
    assert fires(rules("model-drift")["ModelRollbackCalled"]["expr"], _text(home), datetime.now(UTC))


def test_a_server_of_a_lake_tells_how_its_feeds_are(home: Served, sample_lake: Path) -> None:
    """The feeds that ran are in the small lake; without a lake there is nothing to tell."""
    assert "assay_feeds_readable" not in _text(home)
    parts = http_parts(home.service, replace(home.settings, lake=sample_lake))
    with TestClient(served_app(parts)) as client:
        found = {name: value for name, labels, value in samples(client.get("/metrics").text) if not labels}
    assert found["assay_feeds_readable"] == 1.0
