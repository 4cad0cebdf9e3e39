"""Splits: whether an instruction is for training, validation or test, as a function of what it was made from.

A key, the id of the instruction's syllabus by default, is digested to a number in [0, 1), and the shares of
the splits divide that interval. So the same graph always gives the same splits, whoever pulls what.
Near-duplicates and variants of each other are never separated: a group, that is, a component of these links,
goes where its member with the smallest id goes. Only a new link moves an instruction that was there before.

An instruction drawn from two syllabi (or disciplines) goes where the one goes that is kept furthest from
training: to test before validation, to validation before training. So nothing that is trained on was made
from what is tested, and nearly twice the test share of such instructions is for testing.
"""

from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from math import isfinite

from graph.database import Database, Row
from graph.errors import Invalid
from graph.instructions.pulls import Window, Windows
from graph.queries import load

KIN = load("instruction.kin")
PLACES = load("syllabus.places")

MOST_KEPT = 100_000
"""Keys and groups that one pull keeps in memory before it forgets them and looks them up again."""
KIN_AT_ONCE = 2_000


class Split(StrEnum):
    """The splits, named as the datasets library names them."""

    train = "train"
    validation = "validation"
    test = "test"


FURTHEST = (Split.train, Split.validation, Split.test)
"""The splits, from training to what is furthest from it."""


class SplitBy(StrEnum):
    """What is never separated: the instructions of a syllabus, those of a discipline, or each by itself."""

    syllabus = "syllabus"
    discipline = "discipline"
    instruction = "instruction"


DEFAULT = "train=90,validation=5,test=5"


@dataclass(frozen=True)
class Splits:
    """The shares of the splits, which add up to one, and what they go by."""

    shares: tuple[tuple[Split, float], ...]
    by: SplitBy = SplitBy.syllabus

    @classmethod
    def parsed(cls, text: str = DEFAULT, by: SplitBy = SplitBy.syllabus) -> "Splits":
        """From a text such as train=90,test=10, in any proportion; raises Invalid."""
        given: dict[Split, float] = {}
        for part in text.split(","):
            name, _, number = (piece.strip() for piece in part.partition("="))
            if name not in list(Split) or name in given:
                raise Invalid(f"{part!r} is not a split with its share; write them as {DEFAULT}")
            given[Split(name)] = _share(number, part)
        total = sum(given.values())
        if not 0 < total < float("inf"):
            raise Invalid(f"the shares of the splits must add up to more than 0, as in {DEFAULT}")
        return cls(tuple((split, given[split] / total) for split in Split if split in given), by)

    def of(self, key: str) -> Split:
        """The split of a key."""
        left = int.from_bytes(blake2b(f"split {key}".encode(), digest_size=7).digest()) / 2**56
        for split, share in self.shares:
            left -= share
            if left < 0:
                return split
        return self.shares[-1][0]

    def __str__(self) -> str:
        return ",".join(f"{split}={round(100 * share, 6):g}" for split, share in self.shares)


def _share(number: str, part: str) -> float:
    try:
        share = float(number)
    except ValueError:
        share = -1.0
    if not (isfinite(share) and share >= 0):
        raise Invalid(f"{part!r} has no share of 0 or more; write splits as {DEFAULT}")
    return share


class Placing:
    """Finds the splits of instructions, window after window, and remembers what the next ones may need."""

    def __init__(self, database: Database, splits: Splits) -> None:
        self._database = database
        self._splits = splits
        self._disciplines: dict[str, str] = {}
        self._firsts: dict[str, tuple[str, tuple[str, ...]]] = {}

    async def of(self, rows: Sequence[Row]) -> list[Split]:
        """The split of each row.

        A row has the `id` and `syllabus_id` of an instruction, and `partner_id` where it is of two syllabi.
        """
        firsts = await self._firsts_of([row["id"] for row in rows])
        made_from = [firsts.get(row["id"], (row["id"], _syllabi(row))) for row in rows]
        if self._splits.by is SplitBy.instruction:
            return [self._splits.of(id_) for id_, _ in made_from]
        if self._splits.by is SplitBy.discipline:
            await self._find_disciplines(syllabus for _, syllabi in made_from for syllabus in syllabi)
            keys = [[self._disciplines[syllabus] for syllabus in syllabi] for _, syllabi in made_from]
        else:
            keys = [[*syllabi] for _, syllabi in made_from]
        return [max(map(self._splits.of, of_one), key=FURTHEST.index) for of_one in keys]

    async def _find_disciplines(self, syllabi: Iterable[str]) -> None:
        wanted = set(syllabi)
        if len(self._disciplines) > MOST_KEPT:
            self._disciplines = {}
        if missing := sorted(wanted - self._disciplines.keys()):
            rows = await self._database.read(PLACES, ids=missing)
            # A syllabus that was purged has no discipline any more and stands for itself.
            self._disciplines |= {id_: id_ for id_ in missing} | {
                row["id"]: row["discipline_id"] for row in rows
            }

    async def _firsts_of(self, ids: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """Id and syllabi of the first member of the group of each id that is in a group of several."""
        if len(self._firsts) > MOST_KEPT:
            self._firsts = {}
        links, syllabi = await self._links_from([id_ for id_ in ids if id_ not in self._firsts])
        for group in _groups(links):
            first = min(group)
            self._firsts |= dict.fromkeys(group, (first, syllabi[first]))
        return self._firsts

    async def _links_from(self, ids: Sequence[str]) -> tuple[dict[str, set[str]], dict[str, tuple[str, ...]]]:
        """All links of the groups of these ids, both ways, and the syllabi of their members."""
        links: dict[str, set[str]] = {}
        syllabi: dict[str, tuple[str, ...]] = {}
        seen, coming = set(ids), list(ids)
        while coming:
            found: list[Row] = []
            for n in range(0, len(coming), KIN_AT_ONCE):
                found += await self._database.read(KIN, ids=coming[n : n + KIN_AT_ONCE])
            for row in found:
                links.setdefault(row["id"], set()).add(row["other"])
                links.setdefault(row["other"], set()).add(row["id"])
                syllabi |= {row["id"]: tuple(row["syllabi"]), row["other"]: tuple(row["other_syllabi"])}
            coming = sorted({row["other"] for row in found} - seen)
            seen.update(coming)
        return links, syllabi


def _syllabi(row: Row) -> tuple[str, ...]:
    return tuple(id_ for id_ in (row["syllabus_id"], row.get("partner_id")) if id_)


def _groups(links: dict[str, set[str]]) -> Iterable[set[str]]:
    """The components of links that are given both ways."""
    left = set(links)
    while left:
        group: set[str] = set()
        coming = {left.pop()}
        while coming:
            group |= coming
            coming = {other for id_ in coming for other in links[id_]} - group
        left -= group
        yield group


async def only(database: Database, windows: Windows, splits: Splits, wanted: Split) -> AsyncGenerator[Window]:
    """The rows of the windows that are in the wanted split; closes the windows."""
    placing = Placing(database, splits)
    try:
        async for window in windows:
            places = await placing.of(window.rows)
            chosen = window.chosen([n for n, place in enumerate(places) if place is wanted])
            if chosen:
                yield chosen
    finally:
        await windows.aclose()
