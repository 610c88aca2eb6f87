"""The program of the child process that tries candidates; see `adapters.candidate_child` for how it is spoken to."""

from __future__ import annotations

from adapters.candidate_child import require_pipes, serve
from api.use_cases.candidates import tried_bytes
from governance.environment import single_threaded


def main() -> None:
    """Serve until the parent goes."""
    require_pipes()
    single_threaded()
    serve(tried_bytes)


if __name__ == "__main__":
    main()
