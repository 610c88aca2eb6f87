"""All readings together."""

from __future__ import annotations

from api.use_cases.data_readings import ALL_READINGS


def test_every_reading_has_a_name_and_a_path_of_its_own_and_words() -> None:
    assert len({each.name for each in ALL_READINGS}) == len({each.path for each in ALL_READINGS}) == len(ALL_READINGS)
    assert not [each.name for each in ALL_READINGS if not each.rows.__doc__]
    assert not [each.name for each in ALL_READINGS if not each.columns]


def test_what_stands_in_a_path_is_a_parameter() -> None:
    for each in ALL_READINGS:
        places = [parameter.name for parameter in each.parameters if parameter.is_place]
        assert places == [part[1:-1] for part in each.path.split("/") if part.startswith("{")], each.name
