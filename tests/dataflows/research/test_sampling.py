from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dataflows.research.design import StudyDesign, study_design
from dataflows.research.sampling import SampleTable, sample_table, study_plan
from nodes.vocabulary.errors import DataError, PlanError, PolicyError
from policies.parse import parsed_policy
from tests.dataflows.research.panels import N_SESSIONS, SYMBOLS, small_closes, small_plan, small_snapshot
from tests.dataflows.research.small import small_design, small_policy


def _table(design: StudyDesign, closes: dict[str, list[float]], n_sessions: int = N_SESSIONS) -> SampleTable:
    return sample_table(design, small_plan(), small_snapshot(closes, n_sessions))


def test_a_sample_begins_every_few_sessions_of_each_share_with_all_its_features() -> None:
    table = _table(small_design(), small_closes())
    starts = table.samples.spans.starts
    assert set((starts % 5).tolist()) == {0}
    assert np.isfinite(table.samples.features).all()
    assert table.n_incomplete > 0
    assert {table.market.symbols[share] for share in table.shares.tolist()} == set(SYMBOLS)
    assert table.samples.keys["symbol"].to_list() == [table.market.symbols[at] for at in table.shares.tolist()]


def test_a_label_is_over_when_its_barrier_or_its_time_is_and_not_before_it_can_be_traded() -> None:
    """LBL-01."""
    closes = small_closes()
    table = _table(small_design(label="forward-return"), closes)
    spans, samples = table.samples.spans, table.samples
    assert set((spans.ends - spans.starts).tolist()) == {1 + 5}
    place = 3
    start, share = int(spans.starts[place]), int(table.shares[place])
    path = closes[SYMBOLS[share]]
    earned = path[start + 6] / path[start + 1] - 1.0
    assert samples.returns[place] == pytest.approx(earned)
    assert samples.target[place] == float(earned > 0.0)


def test_a_narrow_barrier_ends_labels_early() -> None:
    narrow = small_design(upper_barrier_score="0.1", lower_barrier_score="0.1")
    spans = _table(narrow, small_closes()).samples.spans
    assert (spans.ends - spans.starts).mean() < 4.0


def test_what_comes_later_changes_no_earlier_sample() -> None:
    """The promise of point in time, kept by samples: a shorter history has the same samples, only fewer."""
    closes = small_closes()
    whole, part = _table(small_design(), closes), _table(small_design(), closes, 80)
    n_part = len(part.samples)
    keys = whole.samples.keys.with_row_index().join(part.samples.keys, on=["symbol", "session_on"], how="semi")
    same = keys["index"].to_numpy()
    assert len(same) == n_part < len(whole.samples)
    assert whole.samples.features[same].tobytes() == part.samples.features.tobytes()
    assert whole.samples.target[same].tolist() == part.samples.target.tolist()
    assert part.n_unfinished > 0


def test_a_feature_that_the_data_do_not_know_is_named() -> None:
    design = small_design(feature_names="[week_reversal_frac, sales_growth_frac]")
    plan = study_plan(_without_month(design))
    with pytest.raises(DataError, match="feature sales_growth_frac is absent"):
        sample_table(design, plan, small_snapshot(small_closes()))


def _without_month(design: StudyDesign) -> StudyDesign:
    """The design without the parameter of a feature that it does not read."""
    params = {name: each for name, each in design.nodes.policy.params.items() if name != "month_sessions"}
    policy = design.nodes.policy.model_copy(update={"params": params})
    return replace(design, nodes=replace(design.nodes, policy=policy))


def test_a_history_that_is_too_short_has_no_sample() -> None:
    with pytest.raises(DataError, match="has all of 2 features and a label"):
        _table(small_design(), small_closes(), 12)


def test_a_scaled_return_is_in_units_of_what_was_usual_when_it_began() -> None:
    """LBL-03: the volatility is that of the row, which knows nothing later."""
    closes = small_closes()
    plain, scaled = (_table(small_design(label=label), closes) for label in ("forward-return", "scaled-return"))
    assert scaled.samples.kind == "value"
    assert scaled.samples.returns.tobytes() == plain.samples.returns.tobytes()
    usual = scaled.samples.returns / scaled.samples.target
    path = np.diff(np.log(closes[SYMBOLS[int(scaled.shares[9])]]))
    start = int(scaled.samples.spans.starts[9])
    assert usual[9] == pytest.approx(np.std(path[start - 10 : start], ddof=1) * np.sqrt(5), rel=0.02)
    assert np.sign(scaled.samples.target).tolist() == np.sign(scaled.samples.returns).tolist()


def test_a_meta_label_says_whether_the_primary_rule_would_have_paid() -> None:
    """LBL-02: the rule is a feature, fitted to nothing: what it says of a row is out of sample."""
    design = small_design(label="meta-label\n  primary_feature: month_reversal_frac")
    closes = small_closes()
    plan = study_plan(design)
    meta = sample_table(design, plan, small_snapshot(closes))
    assert meta.sides is not None
    assert set(meta.sides.tolist()) == {-1.0, 1.0}
    place = design.features.index("month_reversal_frac")
    assert np.sign(meta.samples.features[:, place]).tolist() == meta.sides.tolist()
    assert meta.samples.target.tolist() == (meta.samples.returns > 0.0).astype(float).tolist()
    part = sample_table(design, plan, small_snapshot(closes, 80))
    assert part.sides is not None
    keys = meta.samples.keys.with_row_index().join(part.samples.keys, on=["symbol", "session_on"], how="semi")
    assert meta.sides[keys["index"].to_numpy()].tolist() == part.sides.tolist()


def test_a_primary_rule_that_is_a_label_is_no_feature() -> None:
    design = small_design(label="meta-label\n  primary_feature: barrier_label_score")
    with pytest.raises(PlanError, match="reads barrier_label_score, which nothing provides"):
        study_plan(design)


def test_a_meta_label_without_its_primary_rule_is_refused() -> None:
    with pytest.raises(PolicyError, match="primary_feature is missing, expected the name of a feature"):
        small_design(label="meta-label")


def test_barriers_are_measured_in_the_volatility_that_the_policy_names() -> None:
    """LBL-01: the recent sessions may weigh more in what is usual."""
    named = "daily_volatility_frac\n  daily_volatility_sessions: 5\n  daily_volatility_warm_up_sessions: 20"
    text = small_policy().replace("  label: triple-barrier", f"  label: triple-barrier\n  label_volatility: {named}")
    design = study_design(parsed_policy(text.replace("  volatility_sessions: 10\n", "").encode(), "small.yaml"))
    plain, recent = (
        sample_table(each, study_plan(each), small_snapshot(small_closes())) for each in (small_design(), design)
    )
    assert recent.n_incomplete > plain.n_incomplete
    assert recent.samples.spans.ends[-50:].tolist() != plain.samples.spans.ends[-50:].tolist()
    with pytest.raises(PolicyError, match="label_volatility was 'beta_frac', expected one of volatility_frac, daily_"):
        study_design(parsed_policy(text.replace(named.split("\n", maxsplit=1)[0], "beta_frac").encode(), "small.yaml"))
