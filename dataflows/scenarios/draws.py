"""Which sessions of history a bootstrapped path is made of: the same for every share, so that they move together."""

from __future__ import annotations

import numpy as np

from policies.scenario import Bootstrap


def drawn_sessions(change: Bootstrap, n_history: int, n_sessions: int, path: int) -> list[int]:
    """Places in the history that a path takes its sessions from, in blocks of geometric length that wrap around.

    Source: Politis and Romano (1994), The Stationary Bootstrap, J. American Statistical Association 89(428).

    Args:
        change: how long blocks are on average, and the seed.
        n_history: sessions to draw from.
        n_sessions: sessions of the path.
        path: its number; each path has draws of its own, whatever the number of paths.
    """
    draws = np.random.Generator(np.random.PCG64(np.random.SeedSequence([change.seed, path])))
    begins = draws.random(n_sessions) < 1.0 / change.mean_block_sessions
    starts = draws.integers(0, n_history, n_sessions)
    places: list[int] = []
    for begin, start in zip(begins.tolist(), starts.tolist(), strict=True):
        places.append(start if begin or not places else (places[-1] + 1) % n_history)
    return places
