"""Backtests over HTTP: asked for with 202, told by their own address, refused where they cannot be."""

from __future__ import annotations

from pathlib import Path

from adapters.lake.lake import Lake
from adapters.sql.jobs import JobBox
from api.bootstrap import shell_clock
from api.use_cases.backtest_jobs import REPORT, table_key
from tests.api.backtest_samples import ran_backtest
from tests.api.http.serving import paper_settings, problem_slug, served
from tests.dataflows.backtest.test_retraining import retraining_text
from tests.dataflows.research.small import small_policy

PATH = "/api/v1/backtests"


def test_a_backtest_is_a_job_whose_result_report_and_tables_are_read(tmp_path: Path, http_lake: Lake) -> None:
    ran = ran_backtest()
    with served(paper_settings(tmp_path / "home", accounts=("paper",)), http_lake) as home:
        asked = home.post(PATH, json={"first_on": "2012-01-03", "changes": ["spread_frac=2"]})
        assert asked.status_code == 202, asked.text
        place = asked.headers["location"]
        waiting = home.get(place).json()
        assert (waiting["result"], waiting["report"], waiting["tables"]) == (None, None, {})
        early = home.get(f"{place}/report")
        assert (early.status_code, problem_slug(early)) == (404, "not-found")
        with JobBox(tmp_path / "home" / "jobs.db", shell_clock) as box:
            box.keep(asked.json()["job_id"], [(REPORT, ran.page.encode()), (table_key("orders"), ran.orders)])
        page, table = home.get(f"{place}/report"), home.get(f"{place}/tables/orders")
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert table.text.startswith("decision_id,")
        assert home.get(f"{place}/tables/orders?form=json").json()[0]["symbol"]
        lost = home.get(f"{place}/tables/trips")
        assert (lost.status_code, problem_slug(lost)) == (404, "not-found")


def test_what_is_no_backtest_is_refused(tmp_path: Path, http_lake: Lake) -> None:
    with served(paper_settings(tmp_path / "home", accounts=("paper",)), http_lake) as home:
        faulty = home.post(PATH, json={"assumptions": "policy: x"})
        assert (faulty.status_code, problem_slug(faulty)) == (422, "policy-faults")
        unknown = home.post(PATH, json={"changes": ["fantasy=1"]})
        assert (unknown.status_code, problem_slug(unknown)) == (422, "invalid")
        empty = home.post(PATH, json={"changes": ["fantasy"]})
        assert empty.status_code == 400
        texts = {"policy": retraining_text(), "study": small_policy()}
        other = home.post(PATH, json={"retraining": texts})
        assert (other.status_code, problem_slug(other)) == (422, "invalid"), other.text
        broken = home.post(PATH, json={"retraining": {**texts, "policy": "policy: x"}})
        assert (broken.status_code, problem_slug(broken)) == (422, "policy-faults")
        absent = home.get(f"{PATH}/abc123")
        assert absent.status_code == 404
