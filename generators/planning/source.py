"""Takes places from the combination space of a locked syllabus, or crossing, in the caller's transaction."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice

from generators.planning import supply
from generators.spaces.dials import DialSpace
from generators.spaces.gaps import GapDraw
from generators.spaces.handed_out import HandedOut
from generators.spaces.held_space import HeldSpace
from generators.spaces.strata import Stratum
from generators.spec import JobSpec
from graph.database import Row, Transaction
from graph.instructions import instructions
from graph.jobs.units import InstructionUnit, Interval, Listed
from graph.taxonomy import syllabi
from graph.taxonomy.crossings import CrossingShape
from graph.taxonomy.syllabi import Shape

UNIT_SIZE = 200


def positions(unit: InstructionUnit) -> list[int]:
    """The places of an instruction unit, in the order in which their questions are asked."""
    if "positions" in unit:
        return list(unit["positions"])
    skipped = set[int](unit["skipped"])
    return [p for p in range(unit["start"], unit["start"] + unit["count"]) if p not in skipped]


class Source:
    """A locked syllabus, or crossing of two, from which places are taken."""

    def __init__(
        self, tx: Transaction, shape: Shape | CrossingShape, spec: JobSpec, *, guarded: bool
    ) -> None:
        """`guarded`: there are test sets, whose combinations no other job gets, and the reverse."""
        self._tx = tx
        self._spec = spec
        self._held = frozenset(shape.held)
        self._dials: DialSpace | None = None
        self.space = supply.space_of(shape)
        self._handed_out = HandedOut.of(self.space, shape, spec.laps)
        # Once the sessions or concepts have changed, even if they changed back, a combination may already
        # have its instruction.
        self._respaced = shape.respaced or shape.space_version not in (None, self.space.version)
        self._looks = guarded or self._respaced

    async def take(self, wanted: Sequence[int], degrees: Counter[str] | None) -> Sequence[Interval | Listed]:
        """Hands out places that have no instruction yet, `wanted` of each stratum or all there are.

        With `degrees`, takes combinations of the least covered concepts and raises their degrees.
        """
        if self._spec.holds_sessions:
            return await self._take_held(wanted)
        if degrees is not None:
            return await self._take_for_gaps(wanted, degrees)
        return [row for n, most in enumerate(wanted) for row in await self._take_in_turn(n, most)]

    async def _take_in_turn(self, n: int, wanted: int) -> list[Interval]:
        intervals: list[Interval] = []
        while wanted and self._handed_out.free[n]:
            start, count, gone = self._handed_out.next(n, min(wanted, UNIT_SIZE))
            skipped = sorted({*gone, *await self._taken(n, range(start, start + count))})
            requested = count - len(skipped)
            if requested:
                intervals.append(
                    {
                        "stratum": str(self.space.strata[n]),
                        "start": start,
                        "count": count,
                        "skipped": skipped,
                        "requested": requested,
                    }
                )
            wanted -= requested
        return intervals

    async def _take_for_gaps(self, wanted: Sequence[int], degrees: Counter[str]) -> list[Listed]:
        gaps = GapDraw(self.space, self._handed_out, degrees)
        left, found = list(wanted), [list[int]() for _ in wanted]
        while given := gaps.take(left):
            left = [0] * len(wanted)
            for n in {n for n, _ in given}:
                drawn = [place for stratum, place in given if stratum == n]
                taken = set(await self._taken(n, drawn))
                found[n] += [place for place in drawn if place not in taken]
                left[n] = len(taken)
                for place in taken:
                    gaps.undo((n, place))
        degrees.update(gaps.covered)
        strata = self.space.strata
        return [row for stratum, drawn in zip(strata, found, strict=True) for row in _lists(stratum, drawn)]

    async def _take_held(self, wanted: Sequence[int]) -> list[Listed]:
        """Hands out places that touch sessions held out for test sets, which nobody gets in turn."""
        found: list[Listed] = []
        touching = HeldSpace(self.space, self._held)
        for n, most in enumerate(wanted):
            stratum = self.space.strata[n]
            free = (p for p in touching.positions(stratum) if not self._handed_out.has(n, p))
            drawn: list[int] = []
            while some := list(islice(free, most - len(drawn))):
                taken = set(await self._taken(n, some))
                drawn += [place for place in some if place not in taken]
            for place in drawn:
                self._handed_out.take(n, place)
            found += _lists(stratum, drawn)
        return found

    async def _taken(self, n: int, drawn: Sequence[int]) -> list[int]:
        """Those of the places whose combination got its instruction under an earlier syllabus version.

        So are those of a repeat whose cell it got in a job with other dials; and, where there are test sets,
        what is held out for one or, if the job makes one, what has an instruction at all.
        """
        stratum = self.space.strata[n]
        if not (self._looks or self._held) and max(drawn, default=0) < self.space.capacity[n]:
            # Each is the first of its combination, which nobody has.
            return []
        located = {place: self.space.located(stratum, place) for place in drawn}
        held = [p for p, (position, _) in located.items() if self._is_held(stratum, position)]
        looked_at = {p: at for p, at in located.items() if self._looks or at[1]}
        if not looked_at:
            return held
        keys = {place: self.space.key_at(stratum, position) for place, (position, _) in looked_at.items()}
        taken = await instructions.taken(self._tx, sorted(set(keys.values())))
        dials = await self._dial_space()
        gone = {
            place
            for place, (position, repeat) in looked_at.items()
            if (made := taken.get(keys[place]))
            and (
                self._spec.held_out is not None
                or made.held
                or repeat in made.repeats
                or self._cell(dials, stratum, position, repeat) in made.cells
            )
        }
        return sorted(gone.union(held))

    def _is_held(self, stratum: Stratum, position: int) -> bool:
        """Whether a position touches a session that is held out, and the job does not make a test set."""
        if not self._held or self._spec.held_out is not None:
            return False
        drawn = self.space.at(stratum, position).sessions
        return any(self.space.sessions[i].id in self._held for i in drawn)

    def _cell(self, dials: DialSpace, stratum: Stratum, position: int, repeat: int) -> tuple[str, ...]:
        return tuple(dials.labels(dials.cell(self.space.version, str(stratum), position, repeat)))

    async def _dial_space(self) -> DialSpace:
        if self._dials is None:
            found = await syllabi.context(self._tx, self.space.syllabus_id)
            self._dials = self._spec.dial_space(found.discipline)
        return self._dials

    def row(self) -> Row:
        """What is handed out now, as the row to store."""
        space = self.space
        stored = self._handed_out.as_stored()
        return syllabi.handed_out(
            supply.id_of(space), space.version, space.capacity, respaced=self._respaced, **stored
        )


def _lists(stratum: Stratum, drawn: list[int]) -> list[Listed]:
    parts = [drawn[start : start + UNIT_SIZE] for start in range(0, len(drawn), UNIT_SIZE)]
    return [{"stratum": str(stratum), "positions": part, "requested": len(part)} for part in parts]
