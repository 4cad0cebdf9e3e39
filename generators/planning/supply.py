"""What is left to draw below a node: a few numbers per syllabus or crossing, whose space is not kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from generators.planning.quotas import wanted_room
from generators.spaces.handed_out import HandedOut
from generators.spaces.held_space import HeldSpace
from generators.spaces.syllabus_space import CrossingSpace, SyllabusSpace, Taught
from generators.spec import JobSpec
from graph.database import Database
from graph.taxonomy import crossings, partners, syllabi
from graph.taxonomy.crossings import CrossingShape, Pair, pair_of
from graph.taxonomy.partners import Partner
from graph.taxonomy.syllabi import Shape

# Syllabi read at once: a few thousand sessions.
PAGE = 100
# Syllabi whose partners are looked for at once.
WALKS_AT_ONCE = 10


@dataclass(frozen=True)
class Room:
    """A syllabus or crossing: per stratum, its combinations, and how many places a job may still draw.

    `weight`: the product of the weights on the path down to it; of a crossing, to the syllabus that is of
    the branch. `partner`: of a crossing, what the other one is to that syllabus, and why.
    """

    id: str
    weight: float
    capacity: list[int]
    free: list[int]
    pair: Pair | None = None
    partner: Partner | None = None

    def _weights(self, spec: JobSpec) -> list[float]:
        return spec.weights(across=self.pair is not None)

    def wanted(self, spec: JobSpec) -> int:
        """How many instructions a job may draw here; 0 if its quota gives the syllabus nothing."""
        if spec.quota == "weight" and not self.weight:
            return 0
        return wanted_room(self.free, self._weights(spec))

    def share(self, spec: JobSpec) -> float:
        """The weight of the syllabus when a number is spread by the job's quota."""
        if spec.quota == "weight":
            return self.weight
        if spec.quota == "combinations":
            return wanted_room(self.capacity, self._weights(spec))
        return 1.0


async def below(database: Database, node_id: str, spec: JobSpec) -> list[Room]:
    """The room of each accepted syllabus below a node, in the order of their ids.

    A test set of sessions finds only what touches the sessions that are held out for it.
    """
    weights = dict(await syllabi.weighted(database, node_id))
    ids = list(weights)
    rooms: list[Room] = []
    for start in range(0, len(ids), PAGE):
        shapes = await syllabi.shapes(database, ids[start : start + PAGE])
        rooms += [_room(shape, weights[shape.id], spec) for shape in shapes]
    return rooms


def _room(shape: Shape, weight: float, spec: JobSpec) -> Room:
    space = space_of(shape)
    free = HandedOut.of(space, shape, spec.laps).free
    if spec.holds_sessions:
        capacity = HeldSpace(space, shape.held).capacity
        free = [min(most, left) for most, left in zip(capacity, free, strict=True)]
        return Room(shape.id, weight, capacity, free)
    return Room(shape.id, weight, space.capacity, free)


def space_of(shape: Shape | CrossingShape) -> SyllabusSpace:
    """The space of a syllabus or of a crossing."""
    if isinstance(shape, Shape):
        return SyllabusSpace(shape.id, shape.sessions)
    return CrossingSpace(*map(Taught, shape.pair, shape.sessions))


def id_of(space: SyllabusSpace) -> str:
    """What a room, and what is planned of it, is called by: the id of the syllabus, or both ids."""
    return f"{space.syllabus_id} {space.partner_id}" if space.partner_id else space.syllabus_id


async def across(database: Database, spec: JobSpec, branch_id: str) -> list[Room]:
    """The room of each crossing of a syllabus of a branch with its partners below the job's root."""
    if not spec.cross_share:
        return []
    weights = dict(await syllabi.weighted(database, branch_id))
    apart = await partners.several_disciplines(database, spec.root_id)
    near = await partners.relatives(database, branch_id, spec.root_id, apart=apart)
    rooms: dict[Pair, Room] = {}
    ids = list(weights)
    for start in range(0, len(ids), WALKS_AT_ONCE):
        some = ids[start : start + WALKS_AT_ONCE]
        found = await partners.partners(database, some, near, spec.root_id, spec.neighbours, apart=apart)
        new = {
            pair: (id_, partner)
            for id_, others in found.items()
            for partner in others
            if (pair := pair_of(id_, partner.id)) not in rooms
        }
        for shape in await crossings.shapes(database, list(new)):
            id_, partner = new[shape.pair]
            rooms[shape.pair] = _crossing_room(shape, partner, weights[id_], spec.laps)
    return list(rooms.values())


def _crossing_room(shape: CrossingShape, partner: Partner, weight: float, laps: int) -> Room:
    space = space_of(shape)
    free = HandedOut.of(space, shape, laps).free
    return Room(id_of(space), weight, space.capacity, free, shape.pair, partner)


async def of_branch(database: Database, spec: JobSpec, branch_id: str) -> list[Room]:
    """All rooms that a job may draw from in a branch: its syllabi, and their crossings."""
    return [*await below(database, branch_id, spec), *await across(database, spec, branch_id)]


def total(rooms: Sequence[Room], spec: JobSpec) -> int:
    """How many instructions a job may draw from all of these syllabi."""
    return sum(room.wanted(spec) for room in rooms)
