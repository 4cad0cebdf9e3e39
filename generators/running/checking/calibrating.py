"""Tries the rule for near-duplicates on pairs whose answer is known, and stores how it did."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from generators.quality.duplicates.calibration import (
    MOST_FALSE_ALARMS,
    Asked,
    Label,
    Pair,
    counted,
    different,
    planted,
    shipped,
    upper_bound,
)
from generators.quality.duplicates.near_duplicates import RULE
from generators.running.comparing.checks import DUPLICATES_SETTINGS
from graph.database import Database
from graph.quality import rules
from graph.quality.rules import Calibration, ClassCount, Rule, Wrong

MOST_SHOWN = 50


async def calibrate(database: Database, own: Sequence[Pair], *, questions: int, seed: int, by: str) -> Rule:
    """Tries the rule on shipped pairs, on `own`, and on some made of this many questions of the graph."""
    drawn = [Asked(*one) for one in await rules.sample(database, seed, questions)] if questions else []
    # In a thread: some thousand pairs take seconds.
    found = await asyncio.to_thread(_tried, drawn, own, seed, by)
    await rules.calibrated(database, RULE, DUPLICATES_SETTINGS, found)
    return Rule(id=RULE, settings=DUPLICATES_SETTINGS, calibration=found)


def _tried(drawn: Sequence[Asked], own: Sequence[Pair], seed: int, by: str) -> Calibration:
    pairs = [*shipped(), *planted(drawn, seed), *different(drawn, seed), *own]
    counts, wrong = counted(pairs)
    classes = [ClassCount(**count) for count in counts]
    duplicates, found = _sums(classes, Label.duplicate)
    others, alarms = _sums(classes, Label.different)
    variants, taken = _sums(classes, Label.variant)
    upper = upper_bound(alarms, others)
    return Calibration(
        at=datetime.now(UTC),
        by=by,
        seed=seed,
        questions=len(drawn),
        classes=classes,
        recall=found / duplicates if duplicates else None,
        different=others,
        false_alarms=alarms,
        upper=upper,
        lookalikes=variants,
        lookalike_alarms=taken,
        lookalike_upper=upper_bound(taken, variants),
        most=MOST_FALSE_ALARMS,
        meets=upper <= MOST_FALSE_ALARMS,
        wrong=[_shown(pair) for pair in sorted(wrong, key=_urgency)[:MOST_SHOWN]],
    )


def _sums(classes: Sequence[ClassCount], label: Label) -> tuple[int, int]:
    chosen = [one for one in classes if one.label == label]
    return sum(one.pairs for one in chosen), sum(one.flagged for one in chosen)


def _urgency(pair: Pair) -> tuple[bool, bool]:
    """People's own pairs first, then false alarms before what is missed."""
    return pair.source != "own", pair.label is Label.duplicate


def _shown(pair: Pair) -> Wrong:
    return Wrong(
        source=pair.source, label=pair.label, kind=pair.kind, one=pair.one.text, other=pair.other.text
    )
