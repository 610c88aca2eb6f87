"""The rows of the registry inside an append, on every database."""

from __future__ import annotations

from adapters.sql.store import SqlLog
from tests.governance.model_examples import FAMILY, champion, model


def test_an_append_reads_what_others_wrote(any_log: SqlLog) -> None:
    first, second = model(any_log, 1), model(any_log, 2)
    champion(any_log, first)
    champion(any_log, second)
    with any_log.transaction() as transaction:
        registry = transaction.registry
        newest = registry.newest_trial(FAMILY)
        assert newest is not None
        assert newest.number == 3
        assert list(registry.models(FAMILY)) == [first, second]
        assert [row.name for row in registry.evidence(FAMILY, 1)] == ["dsr_frac", "pbo_frac", "spa_p_frac"]
        assert [row.version for row in registry.champions()] == [2]
        assert registry.stage(FAMILY, 9) is None


def test_a_family_that_nobody_tried_has_nothing(any_log: SqlLog) -> None:
    with any_log.transaction() as transaction:
        assert transaction.registry.newest_trial("nobody") is None
        assert transaction.registry.champion("nobody") is None
        assert list(transaction.registry.models("nobody")) == []
