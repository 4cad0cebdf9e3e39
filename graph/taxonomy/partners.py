"""Partners of a syllabus: those others it belongs together with, found by short walks on the graph.

A walk leads from a syllabus over one of its concepts to a syllabus that teaches a concept of the same name
(`shared`); or over a session that teaches it elsewhere and another concept of that session to a syllabus
that teaches that one (`together`); or up the taxonomy and down again (`hops`, the levels up). What a name
weighs is the chance that a walk over it ends at the partner, so that rare names count most; walks of the
second kind weigh half, and those over the taxonomy a tenth divided by the levels. Names that over
MOST_SPREAD syllabi teach lead nowhere.

The list depends on the graph alone. It is found for a few syllabi at once, by index, and never compares all
syllabi with all.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.database import Database
from graph.model import digest
from graph.queries import load
from graph.taxonomy import syllabi

ALIKE = load("syllabus.alike")
RELATIVES = load("syllabus.relatives")
LEVEL_UP = load("node.level_up")

MOST_SPREAD = 20
"""How many syllabi may teach a concept by a name, for the name to say something of them."""
SESSIONS_PER_NAME = 3
MOST_ALIKE = 100
MOST_RELATIVES = 500
"""Disciplines at the same distance that are looked at."""
RELATIVES_KEPT = 10
NAMES_KEPT = 5
LEVEL_WEIGHT = 0.1
WITHIN_DISCIPLINE = 2
"""Levels from a syllabus up to its discipline."""
MOST_LEVELS = 20


@dataclass(frozen=True)
class Partner:
    """A syllabus, how well it goes with another, and why: a few names, and levels up to what both are in."""

    id: str
    score: float
    shared: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    hops: int | None = None


@dataclass(frozen=True)
class Relatives:
    """Syllabi near those of one branch, on a ring of digests, and how many levels up both have a node."""

    ring: tuple[tuple[str, str], ...]
    hops: int

    @classmethod
    def of(cls, ids: Sequence[str], hops: int) -> "Relatives":
        """The ring of these syllabi."""
        return cls(tuple(sorted((digest("ring", id_), id_) for id_ in set(ids))), hops)

    def next_to(self, id_: str, most: int) -> list[str]:
        """The `most` syllabi that follow a syllabus on the ring; adding one changes few of the lists."""
        start = bisect_right(self.ring, (digest("ring", id_), id_))
        around = [other for _, other in (*self.ring[start:], *self.ring[:start]) if other != id_]
        return around[:most]


async def several_disciplines(database: Database, root_id: str) -> bool:
    """Whether more than one accepted discipline is below a node: partners are then of different ones."""
    return len(await database.read(RELATIVES, ids=[root_id], but="", limit=2)) > 1


async def relatives(database: Database, branch_id: str, root_id: str, *, apart: bool) -> Relatives:
    """The syllabi near those of a branch.

    `apart`: those of the disciplines that have the nearest node above them in common, RELATIVES_KEPT of them;
    otherwise those of the branch itself.
    """
    if not apart:
        return Relatives.of(await syllabi.below(database, branch_id), WITHIN_DISCIPLINE)
    above = [branch_id]
    for level in range(1, MOST_LEVELS):
        if root_id in above or not above:
            break
        rows = await database.read(LEVEL_UP, ids=above, statuses=["accepted"], limit=MOST_RELATIVES)
        above = sorted({row["id"] for row in rows})
        inside = [root_id] if root_id in above else above
        rows = await database.read(RELATIVES, ids=inside, but=branch_id, limit=MOST_RELATIVES)
        if rows:
            near = Relatives.of([row["id"] for row in rows], 0).next_to(branch_id, RELATIVES_KEPT)
            found = [id_ for discipline in near for id_ in await syllabi.below(database, discipline)]
            return Relatives.of(found, WITHIN_DISCIPLINE + level)
    return Relatives.of([], 0)


async def partners(
    database: Database, ids: Sequence[str], near: Relatives, root_id: str, most: int, *, apart: bool
) -> Mapping[str, list[Partner]]:
    """The `most` best partners of each of some syllabi of a branch, by their ids; best first.

    `near`: see `relatives`; `apart`: leave out those of the same discipline.
    """
    within = {
        "root": root_id,
        "apart": apart,
        "most": MOST_SPREAD,
        "sessions": SESSIONS_PER_NAME,
    }
    found: dict[str, dict[str, Partner]] = {id_: {} for id_ in ids}
    for row in await database.read(ALIKE, ids=list(ids), within=within, limit=MOST_ALIKE):
        shared, together = (tuple(sorted(row[name])[:NAMES_KEPT]) for name in ("shared", "together"))
        found[row["id"]][row["other"]] = Partner(row["other"], row["weight"], shared, together)
    return {id_: _best(_with_near(alike, near, id_, most), most) for id_, alike in found.items()}


def _with_near(alike: dict[str, Partner], near: Relatives, id_: str, most: int) -> list[Partner]:
    beside = {other for _, other in near.ring}
    weight = LEVEL_WEIGHT / near.hops if near.hops else 0.0
    both = [
        Partner(p.id, p.score + weight, p.shared, p.together, near.hops) if p.id in beside else p
        for p in alike.values()
    ]
    ring = near.next_to(id_, most) if near.ring else []
    return both + [Partner(other, weight, hops=near.hops) for other in ring if other not in alike]


def _best(found: Sequence[Partner], most: int) -> list[Partner]:
    # Sums of floats may differ in their last digits with the order in which they are added up.
    return sorted(found, key=lambda partner: (-round(partner.score, 9), partner.id))[:most]
