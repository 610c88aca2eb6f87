"""Bundles: how large and how quick to check they are, and how many changed bytes of them are refused.

`python -m tests.benchmarks.bundles [HOME] [FLIPS]` bundles the newest decision of a home (var/demo, or the one named),
changes one bit at each of so many places drawn over the file, and asks the stand-alone verifier about each.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from pathlib import Path

from adapters.log_folder import log_folder_to_read
from api.pages.bundle_page import bundle_page
from api.use_cases.finding import decision_named
from api.views.bundles import bundled
from tests.governance.bundle_examples import verifier

FLIPS = 2000
SEED = 20261123


def changed(file: bytes, at: int, bit: int) -> bytes:
    """The file with one bit of one byte changed."""
    found = bytearray(file)
    found[at] ^= 1 << bit
    return bytes(found)


def refusals(file: bytes, vkey: str, n_flips: int) -> Counter[str]:
    """How many changed files the verifier refused, by the part that it named; `accepted` for those that it did not."""
    check, drawn, found = verifier(), random.Random(SEED), Counter[str]()  # places, not secrets
    for _ in range(n_flips):
        try:
            check.Bundle(changed(file, drawn.randrange(len(file)), drawn.randrange(8)), vkey)
            found["accepted"] += 1
        except check.BROKEN as error:
            is_told = isinstance(error, check.Refused)
            found[str(error).partition(" ")[0].rstrip(":") if is_told else type(error).__name__] += 1
    return found


def main(arguments: list[str]) -> None:
    """Print the table."""
    home = Path(arguments[0] if arguments else "var/demo")
    with log_folder_to_read(home).store.reader() as reader:
        started_s = time.process_time()
        made = bundled(reader, decision_named(reader, "latest"), bundle_page)
        made_s = time.process_time() - started_s
    started_s = time.process_time()
    verifier().Bundle(made.file, made.data.key)
    checked_s = time.process_time() - started_s
    n_flips = int(arguments[1]) if len(arguments) > 1 else FLIPS
    lines = [f"bundle {len(made.file):,} bytes, made in {made_s:.2f} s, checked in {checked_s:.3f} s"]
    lines += [f"{part:>20} {count:6,}" for part, count in refusals(made.file, made.data.key, n_flips).most_common()]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
