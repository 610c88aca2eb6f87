"""The registry as readers see it, on every database."""

from __future__ import annotations

from adapters.sql.store import SqlLog
from tests.governance.model_examples import FAMILY, GOOD, champion, model, tried


def test_a_view_holds_trials_versions_evidence_and_stages(any_log: SqlLog) -> None:
    tried(any_log, 2, "another")
    row = model(any_log)
    crowned = champion(any_log, row)
    with any_log.reader() as reader:
        registry = reader.registry
        assert list(registry.families()) == ["another", FAMILY]
        assert [each.number for each in registry.trials(FAMILY, 1, 1)] == [2]
        assert list(registry.models()) == list(registry.models(FAMILY)) == [row]
        assert {each.name: each.value for each in registry.evidence(FAMILY, 1)} == GOOD
        assert list(registry.evidence("another")) == []
        assert list(registry.stages()) == [crowned]
        assert registry.champion(FAMILY) == crowned
        assert registry.champion("another") is None
