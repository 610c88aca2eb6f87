"""`/metrics` (API-SIG-11): OpenMetrics that its own parser takes, without a name of an account, person or share."""

from __future__ import annotations

from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.api.http.serving import Served


def _families(home: Served) -> dict[str, list[tuple[dict[str, str], float]]]:
    home.parts.telemetry._scraped = (0.0, b"")
    text = home.client.get("/metrics").text
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
