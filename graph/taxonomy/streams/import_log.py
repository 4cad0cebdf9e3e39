"""The log of imports: which file was read into what, by whom, and what became of its concepts.

(:Import)-[:INTO]->(node), (:Import)-[:HAS_PROBLEMS]->(:ImportProblems). Whoever imports says now and then how
far it is; an import that was not heard of for ALIVE_S seconds was interrupted, and its file must be sent
again, which finds what is there.
"""

import json
from collections.abc import Sequence

from graph.database import Database, Row, Sealed, seal_of_shown
from graph.errors import Conflict, NotFound
from graph.model import new_id
from graph.pages import Page, decode, page
from graph.queries import load
from graph.taxonomy import nodes
from graph.taxonomy.streams.import_facts import (
    RESULTS,
    Import,
    ImportProblem,
    ImportState,
    NewImport,
    NewProblems,
    Report,
    Via,
)

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
PARTS_AT_ONCE = 10
OTHERS = "this import is run by a service, which says itself what there is to say of it"
NEWEST = "~"


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
    [before] = decode("imports", cursor, (NEWEST,))
    wanted: Row = {"states": list(states) if states else None, "under": under}
    rows = await database.read(LIST, wanted=wanted, alive_s=ALIVE_S, before=before, limit=limit + 1)
    rows = await IMPORTS.whole(database, rows)
    return page("imports", [Import.from_row(row) for row in rows], limit, lambda one: (one.id,))


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
    code_, n = decode("import_problems", cursor, ("", 0))
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
    return page("import_problems", found[: limit + 1], limit, lambda one: (one.code, one.n))


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
