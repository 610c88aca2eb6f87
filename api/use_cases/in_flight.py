"""Which keyed requests this process is answering: the second of two at once is told so instead of being queued."""

from __future__ import annotations

import threading

from nodes.vocabulary.errors import EdgeError

Place = tuple[str, str]
"""An account and the idempotency key in it."""


class InFlight:
    """Requests under way by account and key, with the digest of what each asks."""

    def __init__(self) -> None:
        self._digests: dict[Place, bytes] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._digests)

    def enter(self, place: Place, request_digest: bytes) -> None:
        """Note a request. Raises EdgeError while another is under way at its place."""
        with self._lock:
            other = self._digests.get(place)
            if other is None:
                self._digests[place] = request_digest
                return
        if other != request_digest:
            message = f"key {place[1]!r} of account {place[0]!r} is under way for another request; ask under a new key"
            raise EdgeError(message, reason="key-reused")
        message = f"key {place[1]!r} of account {place[0]!r} is being decided; ask again in a moment for its answer"
        raise EdgeError(message, reason="key-in-flight")

    def leave(self, place: Place) -> None:
        """Forget a request that was answered or failed."""
        with self._lock:
            self._digests.pop(place, None)
