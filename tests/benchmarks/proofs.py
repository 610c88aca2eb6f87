"""What is proved of each limit of a policy, moved by five in a hundred: `python -m tests.benchmarks.proofs [RULE...]`.

`--by PERCENT` moves them further, `--runs N` holds what was proved to N orders that are run under both policies, among
them many near the sizes at which the two part. A run that shows what was proved not to be ends it.

Each limit of each rule is made tighter and looser, everything else kept. A letter stands for each claim: p proved, r
proved but for rounding, w a witness, ? undecided, o outside; the claims are of what the candidate lets through that the
live policy does not (allows, skips review, sends more), then the other way round. Seconds are of the processor, for all
claims asked; no decision is recorded, so that witnesses start from a day that is made up.
"""

from __future__ import annotations

import random
import re
import sys
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from dataflows.engine.compile import Generation, compiled_strategy, installed_strategy
from governance.policy_proof import Answer, Claim, State, policy_proof
from governance.proof_witness import Judge
from policies.parse import parsed_policy
from tests.governance.test_proof_plans import varied

POLICY = Path(__file__).parents[2] / "policies" / "us-equities" / "v1.yaml"
_RULE = re.compile(r"  - id: (\S+)\n(?:    .*\n)*?    limits: \{(\w+): ([\d.]+)\}")
_LETTERS = {State.PROVED: "p", State.WITNESS: "w", State.UNDECIDED: "?", State.OUTSIDE: "o"}


def changes(text: str, frac: Decimal) -> Iterator[tuple[str, str, str]]:
    """Rule, what its limit becomes, and the text with it: each limit once lower, once higher."""
    for found in _RULE.finditer(text):
        rule_id, name, old = found.groups()
        for sign in (-1, 1):
            new = _moved(old, sign * frac)
            begin, end = found.start(3), found.end(3)
            yield rule_id, f"{name} {old} -> {new}", text[:begin] + new + text[end:]


def _moved(old: str, frac: Decimal) -> str:
    """A number so much higher or lower, at least by one where it is whole."""
    value = Decimal(old)
    if "." in old:
        return str((value * (1 + frac)).normalize())
    return str(int(value) + (1 if frac > 0 else -1) * max(int(value * abs(frac)), 1))


def letter(answer: Answer) -> str:
    """What stands for an answer."""
    return "r" if answer.state is State.PROVED and not answer.is_exact else _LETTERS[answer.state]


def compiled(text: str) -> Generation:
    """A policy's text as what runs."""
    parsed = parsed_policy(text.encode(), "edited.yaml")
    return compiled_strategy(parsed, installed_strategy(parsed.policy.strategy))


def contradiction(judge: Judge, proved: list[Claim], n_runs: int) -> str | None:
    """Inputs whose runs show a claim that was proved not to be; None where none of them does.

    Half of the orders are as large as either policy lets them be, or a little more or less.
    """
    rng, near = random.Random(n_runs), [1]
    for inputs in varied(rng.randrange(10**6), n_runs):
        size = max(1, rng.choice(near) + rng.randrange(-3, 4)) if rng.random() < 0.5 else rng.randrange(1, 12_000)
        inputs["proposed_order_shares"] = rng.choice([1, -1]) * size
        live, candidate = judge.decisions(inputs)
        near += [abs(each.order_shares) for each in (live, candidate) if each.order_shares]
        if any(claim.shows(live, candidate) for claim in proved):
            return str(inputs)
    return None


def main(arguments: list[str]) -> None:
    """Print the table."""
    parser = ArgumentParser("python -m tests.benchmarks.proofs")
    parser.add_argument("rules", nargs="*")
    parser.add_argument("--by", type=Decimal, default=Decimal(5), metavar="PERCENT")
    parser.add_argument("--runs", type=int, default=0, metavar="N")
    asked = parser.parse_args(arguments)
    text = POLICY.read_text(encoding="utf-8")
    live, counted, total_s = compiled(text), Counter[str](), 0.0
    for rule_id, change, edited in changes(text, asked.by / 100):
        if asked.rules and rule_id not in asked.rules:
            continue
        candidate, begun_s = compiled(edited), time.process_time()
        answers = policy_proof(live, candidate, tuple(Claim)).answers
        took_s = time.process_time() - begun_s
        said = "".join(map(letter, answers))
        counted.update(said)
        total_s += took_s
        sys.stdout.write(f"{rule_id:<20} {change:<48} {said[:3]} {said[3:]} {took_s:7.1f} s\n")
        sys.stdout.flush()
        proved = [answer.claim for answer in answers if answer.state is State.PROVED]
        against = contradiction(Judge(live.order, candidate.order), proved, asked.runs)
        if against is not None:
            sys.exit(f"proved {', '.join(claim.value for claim in proved)}, but: {against}")
    sys.stdout.write(f"{dict(counted)} in {total_s:.0f} s; {asked.runs} runs against each row\n")


if __name__ == "__main__":
    main(sys.argv[1:])
