"""How far voters agree, beyond what chance would give. Abstentions are missing values.

The measures take, for each item, how often each choice was made. Sources: Fleiss 1971 (kappa), Krippendorff
2011, "Computing Krippendorff's Alpha-Reliability" (alpha for nominal data), Gwet 2008 (AC1).
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, Field

from graph.database import Database
from graph.errors import Invalid
from graph.model import UPPER, Kind
from graph.queries import load
from graph.review import results
from graph.review.counting import Ballot, Choice, Item, VoterKind
from graph.review.results import Counted

GROUPS = load("round.groups")

RESAMPLES = 1_000
SEED = 20_11
TAILS = (2.5, 97.5)

Counts = Sequence[Sequence[int]]
"""For each item, how often each choice was made; all in one order of choices."""
CHOICES = (Choice.keep, Choice.remove)


class Measure(BaseModel):
    """A measure of agreement, or why there is none."""

    value: float | None = Field(description="1: full agreement; 0: as much as by chance")
    low: float | None = Field(default=None, description="Lower end of the 95 % interval, from a bootstrap")
    high: float | None = Field(default=None, description="Its upper end")
    why: str | None = Field(default=None, description="Why there is no value")


class Figures(BaseModel):
    """How far voters agree about some nodes."""

    items: int = Field(description="Nodes that the round asks about")
    votes: int = Field(description="Current votes of persons, abstentions included")
    voters: int = Field(description="Persons who voted")
    shared: int = Field(description="Nodes that two or more persons chose about")
    percent: Measure = Field(description="Share of pairs of votes on one node that agree")
    kappa: Measure = Field(description="Fleiss' kappa; needs as many votes on each node")
    alpha: Measure = Field(description="Krippendorff's alpha, nominal, with a bootstrap over nodes")
    ac1: Measure = Field(description="Gwet's AC1, which stays high where nearly everything is kept")


class Group(Figures):
    """The same for the nodes at or below one."""

    node_id: str
    name: str


class VoterFigures(BaseModel):
    """How one voter votes."""

    who: str
    kind: VoterKind
    votes: int = Field(description="Current votes")
    abstained: int
    keep_rate: float | None = Field(description="Share of votes to keep, abstentions left out")
    with_majority: float | None = Field(
        description="How often the voter agrees with the majority of the other persons, where they have one"
    )


class Agreement(Figures):
    """How far the voters of a round agree."""

    by_voter: list[VoterFigures] = Field(description="Most votes first; models apart, marked by their kind")
    groups: list[Group] = Field(
        default_factory=list[Group], description="With `by`: for each node of that kind, by name"
    )


async def of(database: Database, round_id: str, by: Kind | None = None) -> Agreement:
    """How far the voters of a round agree, also below each node of a kind; raises NotFound or Invalid."""
    if by is not None and by not in UPPER:
        raise Invalid(f"by: one of {', '.join(UPPER)}")
    counted = await results.counted(database, round_id)
    rows = [] if by is None else await database.values(GROUPS, id=round_id, kind=by.value)
    return await asyncio.to_thread(_agreement, counted, rows)


def _agreement(counted: Counted, rows: Iterable[Sequence[Sequence[Sequence[str]] | str]]) -> Agreement:
    items = counted.items
    members: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for id_, groups in rows:
        for node_id, name in groups:
            if str(id_) in items:
                members[name, node_id].append(items[str(id_)])
    return Agreement(
        **figures([item.votes for item in items.values()]).model_dump(),
        by_voter=by_voter(items),
        groups=[
            Group(node_id=node_id, name=name, **figures([one.votes for one in found]).model_dump())
            for (name, node_id), found in sorted(members.items(), key=lambda pair: pair[0])
        ],
    )


def figures(votes: Sequence[Sequence[Ballot]]) -> Figures:
    """All measures of the persons' votes on some items."""
    persons = [[vote for vote in one if vote.kind == VoterKind.person] for one in votes]
    counts = [[sum(vote.choice == choice for vote in one) for choice in CHOICES] for one in persons]
    return Figures(
        items=len(persons),
        votes=sum(map(len, persons)),
        voters=len({vote.who for one in persons for vote in one}),
        shared=len(_shared(counts)),
        percent=percent(counts),
        kappa=kappa(counts),
        alpha=alpha(counts, interval=True),
        ac1=ac1(counts),
    )


def by_voter(items: Mapping[str, Item]) -> list[VoterFigures]:
    """How each voter votes, compared with the other persons."""
    votes: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    alike: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for item in items.values():
        persons = Counter(vote.choice for vote in item.votes if vote.kind == VoterKind.person)
        for vote in item.votes:
            who = vote.who, vote.kind
            votes[who][vote.choice] += 1
            others = persons - Counter([vote.choice] if vote.kind == VoterKind.person else [])
            keep, remove = (others[choice] for choice in CHOICES)
            if vote.choice != Choice.abstain and keep != remove:
                alike[who].append(vote.choice == (Choice.keep if keep > remove else Choice.remove))
    found = [
        VoterFigures(
            who=who,
            kind=VoterKind(kind),
            votes=chosen.total(),
            abstained=chosen[Choice.abstain],
            keep_rate=_share(chosen[Choice.keep], chosen[Choice.keep] + chosen[Choice.remove]),
            with_majority=_share(sum(alike[who, kind]), len(alike[who, kind])),
        )
        for (who, kind), chosen in votes.items()
    ]
    return sorted(found, key=lambda one: (one.kind != VoterKind.person, -one.votes, one.who))


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _shared(counts: Counts) -> list[Sequence[int]]:
    """The items with two choices and more: the others tell nothing about agreement."""
    return [item for item in counts if sum(item) > 1]


def _missing(counts: Counts) -> str | None:
    """Why nothing can be said about agreement; None if something can."""
    return None if _shared(counts) else "no node has two votes"


def _only_choice(counts: Counts) -> str | None:
    """Why agreement beyond chance is not defined, if all made one choice."""
    made = [number for number, votes in enumerate(zip(*counts, strict=True)) if any(votes)]
    if len(made) > 1:
        return None
    known = made and len(counts[0]) == len(CHOICES)
    return f"everybody chose {CHOICES[made[0]] if known else 'the same'}"


def percent(counts: Counts) -> Measure:
    """The share of pairs of votes on one item that agree."""
    if why := _missing(counts):
        return Measure(value=None, why=why)
    shared = _shared(counts)
    alike = sum(number * (number - 1) for item in shared for number in item)
    return Measure(value=alike / sum(sum(item) * (sum(item) - 1) for item in shared))


def kappa(counts: Counts) -> Measure:
    """Fleiss' kappa of the items that have votes."""
    if why := _missing(counts):
        return Measure(value=None, why=why)
    rated = [item for item in counts if any(item)]
    sizes = {sum(item) for item in rated}
    if len(sizes) > 1:
        why = f"nodes have from {min(sizes)} to {max(sizes)} votes, and it needs as many on each"
        return Measure(value=None, why=why)
    if why := _only_choice(rated):
        return Measure(value=None, why=why)
    raters = sizes.pop()
    seen = sum(number * (number - 1) for item in rated for number in item)
    observed = seen / (len(rated) * raters * (raters - 1))
    chance = sum((sum(choice) / (len(rated) * raters)) ** 2 for choice in zip(*rated, strict=True))
    return Measure(value=(observed - chance) / (1 - chance))


def alpha(counts: Counts, *, interval: bool = False) -> Measure:
    """Krippendorff's alpha for nominal data; with `interval` its 95 % bootstrap interval over items."""
    if why := _missing(counts):
        return Measure(value=None, why=why)
    shared = _shared(counts)
    if why := _only_choice(shared):
        return Measure(value=None, why=why)
    patterns = Counter(map(tuple, shared))
    value = _alpha(patterns)
    low, high = _bootstrap(patterns) if interval else (None, None)
    return Measure(value=value, low=low, high=high)


def _alpha(patterns: Mapping[tuple[int, ...], int]) -> float:
    """Alpha of items, given as how often each pattern of counts occurs."""
    observed = sum(times * _disagreement(item) for item, times in patterns.items())
    made = zip(*([number * times for number in item] for item, times in patterns.items()), strict=True)
    totals = [*map(sum, made)]
    votes = sum(totals)
    return 1 - (votes - 1) * observed / (votes**2 - sum(total**2 for total in totals))


def _disagreement(item: Sequence[int]) -> float:
    """Ordered pairs of different choices of one item, over the number of other votes each vote has."""
    size = sum(item)
    return (size**2 - sum(number**2 for number in item)) / (size - 1)


def _bootstrap(patterns: Mapping[tuple[int, ...], int]) -> tuple[float | None, float | None]:
    """The 95 % interval of alpha over items drawn again and again; the same votes give the same interval.

    How often each pattern is drawn follows a multinomial distribution, so the number of items costs nothing.
    A draw in which all made one choice counts as full agreement.
    """
    import numpy as np

    order = sorted(patterns)
    times = np.array([patterns[item] for item in order], dtype=float)
    draws = np.random.default_rng(SEED).multinomial(int(times.sum()), times / times.sum(), RESAMPLES)
    totals = draws @ np.array(order, dtype=float)
    votes = totals.sum(axis=1)
    observed = draws @ np.array([_disagreement(item) for item in order])
    expected = votes**2 - (totals**2).sum(axis=1)
    disagreed = np.divide((votes - 1) * observed, expected, out=np.zeros(RESAMPLES), where=expected > 0)
    low, high = np.percentile(1 - disagreed, TAILS)
    return float(low), float(high)


def ac1(counts: Counts) -> Measure:
    """Gwet's AC1: what is left to chance is small where one choice prevails."""
    if why := _missing(counts):
        return Measure(value=None, why=why)
    shared, rated = _shared(counts), [item for item in counts if any(item)]
    observed = sum(
        sum(number * (number - 1) for number in item) / (sum(item) * (sum(item) - 1)) for item in shared
    ) / len(shared)
    prevalence = [sum(item[n] / sum(item) for item in rated) / len(rated) for n in range(len(counts[0]))]
    chance = sum(share * (1 - share) for share in prevalence) / (len(prevalence) - 1)
    return Measure(value=(observed - chance) / (1 - chance))
