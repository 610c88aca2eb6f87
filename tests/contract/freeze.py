"""Freezes the HTTP contract: `python -m tests.contract.freeze` writes the document that later ones are held to.

Run it when `tests/contract/test_frozen.py` asks for it, and commit what it writes with the change that grew the
contract. A change that breaks an earlier client is not frozen; this command refuses it, and names each break.

Examples are left out: they were recorded from a server, and no client is made from them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from api.http.app import ROUTERS
from api.http.openapi import document
from tests.contract.compatibility import breaks

FROZEN = Path(__file__).with_name("openapi.json")
COMMAND = "python -m tests.contract.freeze"


def contract(found: Any) -> Any:
    """What of a document, or of a part of it, is promised to clients: all but its examples."""
    if isinstance(found, dict):
        return {name: contract(each) for name, each in found.items() if name not in {"example", "examples"}}
    return [contract(each) for each in found] if isinstance(found, list) else found


def frozen_text(found: dict[str, Any]) -> str:
    """A contract as the file holds it: the same for the same contract, whatever the order of its routes."""
    return json.dumps(contract(found), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def frozen() -> dict[str, Any]:
    """The contract that clients were made from."""
    found: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))
    return found


def main() -> int:
    """Write the contract, unless it breaks the one before."""
    now = document(ROUTERS)
    broken = breaks(frozen(), contract(now)) if FROZEN.exists() else ()
    if broken:
        sys.stderr.write("".join(f"{each}\n" for each in broken))
        sys.stderr.write("earlier clients would trip over these; add beside what there is, or version the path\n")
        return 1
    FROZEN.write_text(frozen_text(now), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
