"""What a search found, in the words of the API."""

from __future__ import annotations

from api.http.schemas.evidence import search_answer
from api.use_cases.searching import Hit, Search


def test_ids_are_hexadecimal_and_filters_are_parameters() -> None:
    hits = (Hit("decision", "a decision", 7, b"\xab" * 32), Hit("filter", "a list", filtered_by=(("symbol", "AAPL"),)))
    answer = search_answer("aapl", Search(hits, 12, is_whole=False), 40)
    assert [hit.decision_id for hit in answer.hits] == ["ab" * 32, None]
    assert answer.hits[1].filter == {"symbol": "AAPL"}
    assert (answer.text, answer.n_scanned, answer.is_whole, answer.size) == ("aapl", 12, False, 40)
