"""One request at a time under a key; the second is told whether it asks the same."""

from __future__ import annotations

import pytest

from api.use_cases.in_flight import InFlight
from nodes.vocabulary.errors import EdgeError

PLACE = ("paper", "k1")


@pytest.mark.parametrize(("digest", "reason"), [(b"same", "key-in-flight"), (b"other", "key-reused")])
def test_a_second_request_under_a_key_is_refused_while_the_first_is_under_way(digest: bytes, reason: str) -> None:
    requests = InFlight()
    requests.enter(PLACE, b"same")
    with pytest.raises(EdgeError, match="key 'k1' of account 'paper' is") as raised:
        requests.enter(PLACE, digest)
    assert raised.value.reason == reason


def test_a_key_is_free_again_once_its_request_is_over() -> None:
    requests = InFlight()
    requests.enter(PLACE, b"one")
    requests.leave(PLACE)
    requests.enter(PLACE, b"another")
    assert len(requests) == 1


def test_keys_of_two_accounts_are_two_keys() -> None:
    requests = InFlight()
    requests.enter(PLACE, b"one")
    requests.enter(("other", "k1"), b"one")
    assert len(requests) == 2
