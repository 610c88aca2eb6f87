"""What handlers are given by name."""

from __future__ import annotations

from api.http.parts import dependencies
from tests.api.http.serving import Served


def test_handlers_get_the_service_the_parts_and_the_principal_by_name(home: Served) -> None:
    given = dependencies(home.parts)
    assert given.keys() == {"service", "parts", "principal"}
    assert given["service"].dependency() is home.service
    assert given["parts"].dependency() is home.parts


def test_routes_can_be_described_without_a_service() -> None:
    assert dependencies(None)["service"].dependency() is None


def test_health_is_looked_at_in_one_place(home: Served) -> None:
    assert home.parts.health is home.parts.health
