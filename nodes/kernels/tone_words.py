"""Words of financial headlines and what they say of a share: our own list, written for this project.

    TONE        what a word says by itself, from -2 to 2
    MOVES       which way something goes: good for most things
    GOOD_THINGS things that are good, unless something is said of them: a profit that falls, weak demand
    BAD_THINGS  things of which more is worse: a loss that widens, a debt that falls
    PHRASES     what two words say together and neither says alone
    NEGATIONS   what turns the words after it
    CONCESSIONS what makes the words after it the lesser part of the story

The list comes from general knowledge; docs/sentiment.md says which labelled headlines its author had seen. It is part
of the lexicon's digest: a changed word is another model.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _weighed(**words: str) -> dict[str, float]:
    weights = {"strong_good": 2.0, "good": 1.0, "bad": -1.0, "strong_bad": -2.0}
    return {word: weights[kind] for kind, text in words.items() for word in text.split()}


TONE: Mapping[str, float] = MappingProxyType(
    _weighed(
        strong_good="""
            beat beats beating bullish boom booms booming breakthrough exceed exceeds exceeded outperform outperforms
            outperformed outperformance outstanding record-breaking stellar thrive thrives thriving triumph triumphs
            upgrade upgrades upgraded
""",
        good="""
            accelerate accelerates accelerated accelerating acclaim achieve achieves achieved advantage affirm
            affirmed agree agrees agreed approval approvals approve approves approved attract attracts attractive
            award awarded awards back backs backed backing benefit benefits best better bolster bolsters bolstered
            bonus breakthroughs bright buy buyback buybacks cheer cheers clear cleared clears confident confidence
            deal deals deliver delivers delivered demand dividend dividends efficient encourage encouraged encouraging
            endorse endorsed enjoy enjoys enhance enhances enhanced exclusive favourable favorable favourite favorite
            gain gainer gainers good great growth happy healthy help helps hire hires hiring hope hopes hopeful
            improve improves improved improvement improving innovation innovative invest invests investing launch
            launches launched lead leads leader leading lucrative momentum opportunity opportunities optimism
            optimistic overcome overcomes partnership partner partners positive premium profit profits profitable
            profitability progress promising prosper rebound rebounds rebounded recommend recommended recover recovers
            recovered recovery relief resilient resilience resolve resolved restore restored return returns revive
            revives revived revival reward rewards robust secure secures secured solid stabilise stabilize strength
            strengthen strengthens strengthened strong stronger strongest success successful succeed succeeds
            sustainable synergies top tops topped upbeat upside valuable vow welcome welcomes win wins winner winners
            winning won
""",
        bad="""
            abandon abandons abandoned absence accuse accused accuses adverse afraid allegation allegations alleged
            anger angry antitrust axe axed axes ban banned bans bearish blame blamed blow breach breaches breached
            burden caution cautious challenge challenged challenges cheat close closes closure closures claim claims
            complain complaint complaints concern concerned concerns controversy costly counterfeit criticise
            criticised criticism criticize criticized curb curbs cut cuts cutting damage damaged damages danger
            deadlock deficit deficits delay delayed delays demise deny denies deteriorate deteriorates deterioration
            difficult difficulties dilute dilution disappoint disappointed disappointing disappointment disappoints
            discount dismal dismiss dismissed dispute disputes disrupt disrupted disruption divest doubt doubts
            downbeat downside drag drags error errors exit exits fail failed failing fails failure failures fear fears
            feud fine fined fines flaw flawed fraught freeze frozen grim halt halted halts halving hamper hampered
            harm harmed headwind headwinds hit hits hurt hurts impair impaired impairment inadequate inquiry
            investigate investigated investigation investigations jeopardy lag lagging lags lawsuit lawsuits layoff
            layoffs leave leaves leaving litigation lose loses losing loser losers loss losses lost low mishap miss
            missed misses missing negative objection oppose opposes opposition oust ousted outage outages overvalued
            overdue penalty penalties pessimism pessimistic poor postpone postponed pressure pressured pressures
            redundancies unemployment probe probed probes problem problems protest protests quit quits recall recalled
            recalls refuse refuses reject rejected rejects reluctant resign resigned resigns resignation restructure
            restructuring risk risks risky row sack sacked sacks sanction sanctions scrap scrapped scraps scrutiny
            sell selloff sell-off setback setbacks settle sever shed sheds short shortage shortages shortfall shut
            shuts shutdown slow slowdown slower slowing sluggish snub snubs snubbed squeeze squeezed squeezes stall
            stalled stalls strain strike strikes struggle struggled struggles struggling sue sued sues suffer suffered
            suffering suffers suspend suspended suspends tension terminate terminated threat threaten threatened
            threatens tough trouble troubled troubles turmoil uncertain uncertainty underperform underperformed
            underperforms unable unfavorable unfavourable unprofitable unrest unsustainable violate violated violation
            volatile volatility vulnerable warn warned warning warnings warns weak weaken weakened weakening weakens
            weaker weakness withdraw withdraws withdrawn worries worry worried worse worsen worsened worsening worst
            writedown write-down writedowns writeoff write-off wrong
""",
        strong_bad="""
            bankrupt bankruptcy bribe bribery bribes catastrophe catastrophic collapse collapsed collapses corrupt
            corruption crash crashed crashes crisis default defaulted defaults delist delisted devastating disaster
            disastrous downgrade downgraded downgrades fraud fraudulent guilty insolvency insolvent liquidate
            liquidation panic scandal scandals slump slumped slumps wipeout
""",
    )
)

MOVES: Mapping[str, float] = MappingProxyType(
    _weighed(
        strong_good="""
            jump jumped jumping jumps leap leaped leaps rallied rallies rally rocket rocketed rockets skyrocket soar
            soared soaring soars spike spiked spikes surge surged surges surging
""",
        good="""
            advance advanced advances ascend boost boosted boosting boosts climb climbed climbing climbs double
            doubled doubles expand expanded expanding expands expansion gained gaining gains grew grow growing grows
            high higher highest increase increased increases increasing lift lifted lifts mount mounting mounts
            quicken raise raised raises raising rise rises rising rose triple tripled up upward widen widened widening
            widens
""",
        bad="""
            contract contracts contracted contraction decline declined declines declining decrease decreased decreases
            dip dipped dips down downward downturn drop dropped dropping drops ease eased eases easing erode eroded
            erosion fade fades fall fallen falling falls fell halve halved lower lowered lowers lowest narrow narrowed
            narrowing narrows recede reduce reduced reduces reducing retreat retreated retreats shrank shrink
            shrinking shrinks sink sinking sinks sank slide slides sliding slid slip slipped slips subdued tumble
            tumbled tumbles tumbling
""",
        strong_bad="""
            nosedive plummet plummeted plummets plunge plunged plunges plunging slash slashed slashes
""",
    )
)

GOOD_THINGS = _listed(
    """
    approval approvals award backing benefit benefits bonus confidence deal deals demand dividend dividends growth
    momentum optimism premium profit profits profitability progress recovery relief return returns strength success
    """
)

BAD_THINGS = _listed(
    """
    arrears bill bills complaint complaints cost costs crime debt debts deficit deficits delinquencies emissions
    exposure expense expenses fees fine fines foreclosures inflation layoffs liabilities liability loss losses outages
    penalties provisions redundancies risk risks shortage shortages shortfall tax taxes tension tensions unemployment
    volatility writedowns
"""
)

PHRASES: Mapping[tuple[str, str], float] = MappingProxyType(
    {
        ("all", "time"): 1.0,
        ("bad", "debt"): -1.0,
        ("better", "than"): 2.0,
        ("cash", "call"): -1.0,
        ("cut", "costs"): 1.0,
        ("cuts", "costs"): 1.0,
        ("cut", "jobs"): -1.0,
        ("cuts", "jobs"): -1.0,
        ("falls", "short"): -2.0,
        ("fell", "short"): -2.0,
        ("give", "up"): -1.0,
        ("gives", "up"): -1.0,
        ("higher", "than"): 1.0,
        ("job", "cuts"): -1.0,
        ("job", "losses"): -2.0,
        ("lower", "than"): -1.0,
        ("pay", "rise"): 0.0,
        ("price", "war"): -2.0,
        ("profit", "taking"): -1.0,
        ("profit", "warning"): -2.0,
        ("profits", "warning"): -2.0,
        ("record", "high"): 2.0,
        ("record", "highs"): 2.0,
        ("record", "low"): -2.0,
        ("record", "lows"): -2.0,
        ("record", "profit"): 2.0,
        ("record", "profits"): 2.0,
        ("record", "loss"): -2.0,
        ("record", "sales"): 2.0,
        ("rights", "issue"): -1.0,
        ("short", "seller"): -1.0,
        ("short", "sellers"): -1.0,
        ("step", "down"): -1.0,
        ("steps", "down"): -1.0,
        ("stepping", "down"): -1.0,
        ("top", "pick"): 2.0,
        ("turns", "down"): -1.0,
        ("worse", "than"): -2.0,
    }
)

NEGATIONS = _listed("cannot fail fails failed hardly neither never no nor not nothing without")

CONCESSIONS = _listed("although despite notwithstanding though")
