"""The log of imports: which file was read into what, by whom, and what became of its concepts.

(:Import)-[:INTO]->(node), (:Import)-[:HAS_PROBLEMS]->(:ImportProblems). Whoever imports says now and then how
far it is; an import that was not heard of for ALIVE_S seconds was interrupted, and its file must be sent
again, which finds what is there.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.database import Database, Row, Sealed, seal_of_shown
from graph.errors import Conflict, NotFound
from graph.model import Kind, Text, new_id
from graph.pages import Page, decode, page
from graph.queries import load
from graph.taxonomy import nodes

BEGIN = load("import.begin")
REPORT = load("import.report")
BEAT = load("import.beat")
GET = load("import.get")
LIST = load("import.list")
KEEP_PROBLEMS = load("import.keep_problems")
PROBLEMS = load("import.problems")
COUNTS = load("import.counts")
IMPORTS = Sealed("import", "id", load("import.lock_all"), load("import.seal"), seal_of_shown)

ALIVE_S = 60
"""Seconds after which an import that was not heard of counts as interrupted."""
MOST_KEPT = 1_000
"""Problems of each code that are kept; all are counted."""
AT_ONCE = 200
"""Problems per part."""
PARTS_AT_ONCE = 10
MOST_INTO = 100
LONGEST_FILE, LONGEST_OPTION = 500, 1000
LONGEST_URI, LONGEST_TEXT = 1000, 2000
OTHERS = "this import is run by a service, which says itself what there is to say of it"
NEWEST = "~"
RESULTS = ("created", "updated", "unchanged", "existing", "proposed", "conflicts", "missing", "errors")

Number = Annotated[int, Field(ge=0, lt=2**53)]
Code = Annotated[Text, Field(min_length=1, max_length=40)]
Via = Literal["rest", "command"]


class ImportState(StrEnum):
    """State of an import; interrupted: what ran it has stopped, and the file must be sent again."""

    running = "running"
    done = "done"
    failed = "failed"
    interrupted = "interrupted"


class Plan(BaseModel):
    """What the file becomes."""

    model_config = ConfigDict(extra="forbid")

    concepts: Number = 0
    kinds: dict[Code, Number] = Field(
        default_factory=dict[str, int], max_length=20, description="Nodes of each kind"
    )
    dropped: dict[Code, Number] = Field(
        default_factory=dict[str, int],
        max_length=50,
        description="Concepts that are left out on purpose, by reason",
    )


class Counts(BaseModel):
    """What became of the concepts of a file."""

    model_config = ConfigDict(extra="forbid")

    created: Number = Field(default=0, description="New nodes")
    updated: Number = Field(default=0, description="Nodes that follow the file now")
    unchanged: Number = Field(default=0, description="Nodes that are as the file says")
    existing: Number = Field(
        default=0, description="Nodes that differ from the file and were left as they are"
    )
    proposed: Number = Field(default=0, description="Nodes of whose changes proposals were made")
    conflicts: Number = Field(default=0, description="Nodes that people and the file both changed")
    missing: Number = Field(default=0, description="Nodes of an earlier import that the file does not have")
    errors: Number = Field(default=0, description="Concepts that were refused")


class NewImport(BaseModel):
    """What is read, and into what."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[Text, Field(min_length=1, max_length=LONGEST_FILE)] = Field(
        description="Name of the file, or of several that are read as one"
    )
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(
        description="Of the file; of several, that of the list of theirs"
    )
    format: Annotated[Text, Field(min_length=1, max_length=40)] = Field(description="Such as turtle")
    options: dict[Code, Annotated[Text, Field(max_length=LONGEST_OPTION)]] = Field(
        default_factory=dict[str, str], max_length=40, description="Options that differ from the defaults"
    )
    under: Text | None = Field(
        default=None, description="Id of the node under which it goes; null: taxonomies of its own"
    )
    triples: Number = Field(default=0, description="Statements read")
    plan: Plan | None = Field(default=None, description="null: it is loaded row by row, without one")
    problems: dict[Code, Number] = Field(
        default_factory=dict[str, int], max_length=50, description="How often each problem was found, by code"
    )


class Report(Counts):
    """How far an import is, or how it ended."""

    state: ImportState = ImportState.running
    reason: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = Field(
        default=None, description="Why it failed"
    )
    into: list[Text] = Field(
        default_factory=list[str], max_length=MOST_INTO, description="Ids of the taxonomies it goes into"
    )


class Into(BaseModel):
    """A node into which something was imported."""

    id: str
    name: str
    kind: Kind


class Import(Counts):
    """An import of a file."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(description="Sorts by the time of its beginning")
    file: str
    sha256: str = Field(description="Of the file; of several, that of the list of theirs")
    format: str
    options: dict[str, str] = Field(description="Options that differ from the defaults")
    via: Via = Field(description="rest: sent to the service; command: read by glan taxonomy load")
    who: str = Field(description="The caller, such as rest or the name of a token")
    state: ImportState
    reason: str | None = Field(default=None, description="Why it failed, or what to do")
    at: datetime = Field(description="UTC")
    ended_at: datetime | None = Field(default=None, description="UTC")
    into: list[Into] = Field(description="The taxonomies it went into, or the node it went under")
    triples: int = Field(description="Statements read")
    plan: Plan | None = Field(description="What the file becomes; null: it was loaded row by row")
    problems: dict[str, int] = Field(
        description="How often each problem was found, by code; refused, conflict and missing are those of "
        "the insertion"
    )

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Built from a row of import.get or import.list."""
        stored: Row = row["import"]
        texts = {name: json.loads(stored.get(name) or "null") for name in ("options", "plan", "problems")}
        found = cls.model_validate(stored | texts | {"into": row["into"]})
        if not row["alive"]:
            what = "service" if found.via == "rest" else "command"
            found.state = ImportState.interrupted
            found.reason = f"the {what} that read it has stopped; send the file again: what is there is found"
        inserted = {"refused": found.errors, "conflict": found.conflicts, "missing": found.missing}
        found.problems |= {name: count for name, count in inserted.items() if count}
        return found


class NewProblems(BaseModel):
    """Problems of one code, of which those kept before may be sent again."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    first: int = Field(default=1, ge=1, le=MOST_KEPT, description="Number of the first one among its code")
    uris: list[Annotated[Text, Field(max_length=LONGEST_URI)]] = Field(
        max_length=AT_ONCE, description="Of concepts"
    )
    texts: list[Annotated[Text, Field(max_length=LONGEST_TEXT)]] = Field(
        max_length=AT_ONCE, description="As many"
    )

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if len(self.uris) != len(self.texts):
            raise ValueError("there must be as many texts as uris")
        return self


class ImportProblem(BaseModel):
    """Something of a file that is not as it should be, or that was not stored as the file says."""

    n: int = Field(description="Number among those of its code, from 1")
    code: str
    uri: str = Field(description="Of the concept; empty if it is none")
    text: str


async def begin(
    database: Database, new: NewImport, via: Via, *, by: str, import_id: str | None = None
) -> Import:
    """Stores an import that begins. Raises NoNode if what it is to go under is not there."""
    if new.under is not None:
        await nodes.get(database, new.under)
    id_ = import_id or new_id()
    texts = {
        "options": json.dumps(new.options, ensure_ascii=False),
        "plan": new.plan and new.plan.model_dump_json(),
        "problems": json.dumps(new.problems),
    }
    own = new.model_dump(include={"file", "sha256", "format", "triples"})
    zeros = dict.fromkeys(RESULTS, 0)
    known = {"via": via, "who": by, "concepts": new.plan and new.plan.concepts}
    await database.write(BEGIN, id=id_, under=new.under, properties=own | texts | zeros | known)
    return await get(database, id_)


async def report(database: Database, import_id: str, said: Report, via: Via) -> None:
    """Stores how far an import is. Saying the same again changes nothing.

    Raises NotFound, or Conflict if it has ended otherwise, or is not run by those who say so.
    """
    changes = said.model_dump(include={*RESULTS, "state", "reason"}, mode="json")
    if await database.write(REPORT, id=import_id, via=via, changes=changes, into=said.into):
        return
    found = await get(database, import_id)
    if found.via != via:
        raise Conflict(OTHERS)
    raise Conflict(f"the import is {found.state} already; begin another one")


async def beat(database: Database, import_id: str) -> None:
    """Says that an import is still under way."""
    await database.write(BEAT, id=import_id)


async def get(database: Database, import_id: str) -> Import:
    """One import; raises NotFound."""
    rows = await IMPORTS.whole(database, await database.read(GET, id=import_id, alive_s=ALIVE_S))
    if not rows:
        raise NotFound(f"no import has the id {import_id}; GET /v1/imports lists them")
    return Import.from_row(rows[0])


async def list_imports(
    database: Database,
    states: Sequence[ImportState] | None = None,
    under: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Import]:
    """A page of the imports, newest first; `under`: only those that went into this node or one below it."""
    [before] = decode(cursor, (NEWEST,))
    wanted: Row = {"states": list(states) if states else None, "under": under}
    rows = await database.read(LIST, wanted=wanted, alive_s=ALIVE_S, before=before, limit=limit + 1)
    rows = await IMPORTS.whole(database, rows)
    return page([Import.from_row(row) for row in rows], limit, lambda one: (one.id,))


async def keep_problems(database: Database, import_id: str, found: Sequence[NewProblems], via: Via) -> None:
    """Keeps problems of an import. Raises NotFound, or Conflict if others run it."""
    if (await get(database, import_id)).via != via:
        raise Conflict(OTHERS)
    parts: list[Row] = [
        {
            "id": f"{import_id}/{one.code}/{one.first}",
            "code": one.code,
            "first": one.first,
            "uris": one.uris,
            "texts": one.texts,
        }
        for one in found
        if one.uris
    ]
    await database.write(KEEP_PROBLEMS, id=import_id, parts=parts)


async def list_problems(
    database: Database, import_id: str, code: str | None = None, limit: int = 100, cursor: str | None = None
) -> Page[ImportProblem]:
    """A page of the problems that were kept of an import, by code and number; raises NotFound."""
    await get(database, import_id)
    code_, n = decode(cursor, ("", 0))
    found: list[ImportProblem] = []
    # A part may have any number of problems up to AT_ONCE.
    while len(found) <= limit:
        rows = await database.read(
            PROBLEMS, id=import_id, code=code, after={"code": code_, "n": n}, limit=PARTS_AT_ONCE
        )
        fresh = [one for row in rows for one in _problems_of(row) if (one.code, one.n) > (code_, n)]
        found += fresh
        if len(rows) < PARTS_AT_ONCE:
            break
        code_, n = fresh[-1].code, fresh[-1].n
    return page(found[: limit + 1], limit, lambda one: (one.code, one.n))


def _problems_of(row: Row) -> list[ImportProblem]:
    said = zip(row["uris"], row["texts"], strict=True)
    return [
        ImportProblem(n=n, code=row["code"], uri=uri, text=text)
        for n, (uri, text) in enumerate(said, row["first"])
    ]


async def counts(database: Database) -> tuple[dict[str, int], dict[str, int]]:
    """The number of imports by state, and of the concepts of all of them by what became of them."""
    rows = await database.read(COUNTS, alive_s=ALIVE_S)
    return (
        {row["state"]: row["imports"] for row in rows},
        {name: sum(row[name] for row in rows) for name in RESULTS},
    )
