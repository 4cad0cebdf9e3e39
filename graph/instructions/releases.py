"""Releases: named sets of a subtree's accepted instructions whose bytes never change.

The content itself is kept, as lines of JSON in the full layout, in compressed parts of PART lines each, so
retiring, renaming or merging nodes later changes nothing in it. Links from the parts to their instructions
show what has become of these since.

A release is built part by part under a lease. Its state is `building` until the last part is stored, and
until then it cannot be pulled. A builder that is silent for LEASE_S seconds loses the release: the same
request then starts over, after removing the parts that were left.
"""

import asyncio
import hashlib
import json
import zlib
from collections import Counter
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field
from pydantic_core import to_json

from graph.database import Database, Row, Sealed, seal_of
from graph.dials import DialFilter
from graph.errors import Conflict, NotFound
from graph.instructions import evidence, facts, pulls
from graph.instructions.evidence import Evidence
from graph.instructions.instructions import InstructionStatus
from graph.instructions.pulls import Chosen, Windows
from graph.instructions.splits import DEFAULT, Placing, Split, SplitBy, Splits
from graph.jobs import judges, refinement
from graph.model import Text, UniqueName, new_id
from graph.pages import Page, decode, page
from graph.queries import load
from graph.taxonomy import nodes
from graph.taxonomy.walking import traversal

BEGIN = load("release.begin")
CLEAR = load("release.clear")
ADD_PART = load("release.add_part")
FINISH = load("release.finish")
RENEW = load("release.renew")
GIVE_UP = load("release.give_up")
GET = load("release.get")
LIST = load("release.list")


def _seal(release: Row) -> int:
    """The seal of a release; leaves out the count while it is built, as nothing has to agree with that."""
    ended = release["state"] == "done"
    agreeing = ("state", "sha256", "bytes", "ended_at", "splits", "evidence")
    return seal_of([release.get(name) for name in agreeing], ended and release["count"])


RELEASES = Sealed("release", "name", load("release.lock"), load("release.seal"), _seal)

PART = 1_000
LEASE_S = 30.0
CLEARED_AT_ONCE = 20

Name = Annotated[UniqueName, Field(examples=["beekeeping-1.0"])]


class State(StrEnum):
    """State of a release; building: parts are missing; done: final."""

    building = "building"
    done = "done"


class Selection(Chosen):
    """What a release pins: the accepted instructions of a subtree, or some of them."""

    dials: Annotated[list[DialFilter], Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description="Only those with these values of dials, such as difficulty=apply; values of one dial are "
        "alternatives",
    )
    splits: Text | None = Field(
        default=None,
        max_length=200,
        description="Shares of the splits to pin with it, such as train=90,validation=5,test=5",
    )
    split_by: SplitBy | None = Field(
        default=None, description="What the splits go by; default: syllabus, where there are splits"
    )

    def splitting(self) -> Splits | None:
        """The splits that were asked for, if any; raises Invalid."""
        if self.splits is None and self.split_by is None:
            return None
        return Splits.parsed(self.splits or DEFAULT, self.split_by or SplitBy.syllabus)


class NewRelease(Selection):
    """A release to create."""

    name: Name
    description: Text = Field(default="", max_length=10_000, description="What it is for")
    licence: Text | None = Field(
        default=None,
        max_length=200,
        description="Its licence, for its card; best an identifier of the hub, such as cc-by-4.0",
    )

    def selection(self) -> dict[str, Any]:
        """What is asked for, without what only describes it; asking for the same again is not a conflict."""
        chosen = self.model_dump(mode="json", exclude={"name", "description", "licence"}, exclude_none=True)
        splits = self.splitting()
        return chosen | ({"splits": str(splits), "split_by": splits.by.value} if splits else {})


class Release(BaseModel):
    """A named set of instructions that never changes."""

    name: str = Field(description="Unique")
    description: str = Field(default="", description="Description given by its author")
    licence: str | None = Field(default=None, description="Licence given by its author")
    state: State
    node_id: str = Field(description="The root of the subtree")
    path: str = Field(description="The names down to it when the release was made")
    spec: dict[str, Any] = Field(description="The selection as requested")
    count: int = Field(description="Number of instructions; while it is being built, those so far")
    prompts: list[str] = Field(
        default=[],
        description="Prompt versions used, such as questions@2; hashes for older versions of glan",
    )
    splits: dict[Split, int] = Field(
        default={}, description="Number of instructions per split; empty if it was made without splits"
    )
    sha256: str | None = Field(
        default=None, description="SHA-256 of its lines in the full layout; null until done"
    )
    bytes: int | None = Field(default=None, description="Length of these lines in bytes; null until done")
    created_at: datetime = Field(description="UTC")
    created_by: str = Field(default="", description="The caller, such as rest or the name of a token")
    ended_at: datetime | None = Field(default=None, description="When it was completed")

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from the stored properties."""
        known = {name: row[name] for name in cls.model_fields if name in row}
        splits = row.get("splits") or [0] * len(Split)
        known["splits"] = {split: count for split, count in zip(Split, splits, strict=True) if count}
        return cls(**known | {"spec": json.loads(row["spec"])})


class Build:
    """A release whose lease this process holds; `run` builds it completely."""

    def __init__(self, database: Database, name: str, wanted: Selection, builder: str) -> None:
        self._database = database
        self._ours: Row = {"name": name, "builder": builder}
        self._wanted = wanted
        self._hash = hashlib.sha256()
        self._bytes = 0
        self._n = 0
        self._splits = Counter[Split]()
        self._jobs = set[str]()
        splits = wanted.splitting()
        self._placing = Placing(database, splits) if splits else None

    async def run(self) -> Release:
        """Builds and returns the finished release; raises Conflict if another request has taken it over."""
        try:
            await self._clear()
            await self._add_all()
            beside = await self._beside()
            made = {
                "sha256": self._hash.hexdigest(),
                "bytes": self._bytes,
                "splits": [self._splits[split] for split in Split],
                "evidence": beside.model_dump_json(),
            }
            rows = await self._database.writing(lambda tx: tx.run(FINISH, **self._ours, **made), once=True)
            return Release.from_row(self._held(rows)[0]["release"])
        except BaseException:
            # Also on shutdown of the service, so that the next request need not wait for the lease to expire.
            await self._database.write(GIVE_UP, **self._ours)
            raise

    async def _clear(self) -> None:
        while True:
            rows = await self._database.write(CLEAR, **self._ours, limit=CLEARED_AT_ONCE)
            if not self._held(rows)[0]["removed"]:
                return

    async def _add_all(self) -> None:
        rows: list[Row] = []
        windows = await self._windows(InstructionStatus.accepted)
        try:
            async for window in windows:
                rows += window.rows
                while len(rows) >= PART:
                    await self._add(rows[:PART])
                    rows = rows[PART:]
            if rows:
                await self._add(rows)
        finally:
            await windows.aclose()

    async def _beside(self) -> Evidence:
        """What the selection has beside the release's lines."""
        windows = await self._windows(*(s for s in InstructionStatus if s is not InstructionStatus.accepted))
        try:
            refused = await evidence.counted(windows, self._renew)
        finally:
            await windows.aclose()
        judged = await judges.of_jobs(self._database, sorted(self._jobs))
        rules = await evidence.rules_in_use(self._database)
        found = refused.evidence(await evidence.benchmarks(self._database), judged, rules)
        found.refinement = await refinement.of_jobs(self._database, sorted(self._jobs))
        return found

    async def _renew(self) -> None:
        self._held(await self._database.write(RENEW, **self._ours, lease_s=LEASE_S))

    async def _windows(self, *statuses: InstructionStatus) -> Windows:
        wanted = self._wanted.wanted(statuses, self._wanted.dials or ())
        return await pulls.of_node(self._database, self._wanted.node_id, wanted, first=PART)

    async def _add(self, rows: list[Row]) -> None:
        text = b"".join(to_json(row) + b"\n" for row in rows)
        self._hash.update(text)
        self._bytes += len(text)
        found = await facts.of(self._database, rows, self._placing)
        self._jobs.update(row["job_id"] for row in rows if row["job_id"])
        self._splits.update(split for split in found["split"] if split)
        data = await asyncio.to_thread(zlib.compress, text)
        part = {"n": self._n, "count": len(rows), "data": data, "ids": [row["id"] for row in rows]}
        part["facts"] = facts.packed(found)
        self._held(await self._database.write(ADD_PART, **self._ours, lease_s=LEASE_S, part=part))
        self._n += 1

    def _held(self, rows: list[Row]) -> list[Row]:
        if not rows:
            raise Conflict(f"release {self._ours['name']} is being built by another request")
        return rows


async def begin(database: Database, wanted: NewRelease, by: str = "") -> tuple[Release, Build | None]:
    """The release, and a Build if this caller must build it.

    Raises NotFound, Invalid, or Conflict if a release of this name has other content.
    """
    spec = json.dumps(wanted.selection(), sort_keys=True)
    node = await nodes.get(database, wanted.node_id)
    builder = new_id()
    properties: Row = {
        "description": wanted.description,
        "licence": wanted.licence,
        "node_id": node.id,
        "path": await _path(database, node.id, node.name),
        "spec": spec,
        "created_by": by,
    }
    [row] = await database.write(
        BEGIN, name=wanted.name, builder=builder, lease_s=LEASE_S, properties=properties
    )
    if row["release"]["spec"] != properties["spec"]:
        raise Conflict(
            f"a release {wanted.name} with other content exists, and a release never changes: "
            "choose another name"
        )
    build = Build(database, wanted.name, wanted, builder) if row["ours"] else None
    return Release.from_row(row["release"]), build


async def _path(database: Database, node_id: str, name: str) -> str:
    ways = await traversal.paths(database, node_id)
    return "/".join(step["name"] for step in min(ways, key=len)) if ways else name


async def get(database: Database, name: str) -> Release:
    """One release; raises NotFound."""
    rows = await RELEASES.whole(database, await database.read(GET, name=name))
    if not rows:
        raise NotFound(f"no release is called {name}; GET /v1/releases lists them")
    return Release.from_row(rows[0]["release"])


async def list_releases(database: Database, limit: int = 100, cursor: str | None = None) -> Page[Release]:
    """A page of releases in the order of their names."""
    [after] = decode("releases", cursor, [""])
    found = await RELEASES.whole(database, await database.read(LIST, after=after, limit=limit + 1))
    rows = page("releases", found, limit, _name)
    return Page(items=[Release.from_row(row["release"]) for row in rows.items], next=rows.next)


def _name(row: Row) -> list[str]:
    return [row["release"]["name"]]


async def evidence_of(database: Database, name: str) -> Evidence | None:
    """What was pinned beside the lines of a complete release; None in those of earlier versions of glan."""
    [row] = await RELEASES.whole(database, await database.read(GET, name=name))
    pinned: str | None = row["release"].get("evidence")
    return Evidence.model_validate_json(pinned) if pinned else None


async def complete(database: Database, name: str) -> Release:
    """A release that can be pulled; raises NotFound, or Conflict until it is done."""
    release = await get(database, name)
    if release.state is not State.done:
        raise Conflict(f"release {name} is still being built: {release.count} instructions so far")
    return release
