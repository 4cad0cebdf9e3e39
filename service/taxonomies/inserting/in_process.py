"""The graph itself as a Store: an insertion in threads, whose calls run on the event loop of the service."""

import asyncio
import json
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from graph.database import Database
from graph.model import Kind, Node
from graph.proposals.imported import propose_imported
from graph.proposals.proposal import About, ProposalKind, Role
from graph.proposals.suggesting import Suggestion, suggest
from graph.taxonomy import nodes
from graph.taxonomy.streams import bulk, import_log
from graph.taxonomy.streams.import_facts import Import, NewImport, NewProblems, Report
from graph.taxonomy.walking import search, traversal
from service.taxonomies.inserting.parts import Item
from service.taxonomies.writing import document
from service.taxonomies.writing.collecting import collected
from service.taxonomies.writing.options import ExportFormat, ExportOptions, Which

T = TypeVar("T")


class Stopped(Exception):
    """The service ends, so the import does not continue."""


class GraphStore:
    """A Store in the process of the database; made on the event loop, used in other threads.

    `folder`: where an export may be kept for a moment; `import_id`: the id of the import.
    """

    def __init__(self, database: Database, folder: Path, by: str, import_id: str) -> None:
        self._database = database
        self._folder = folder
        self._by = by
        self.id = import_id
        self.begun: asyncio.Future[Import] = asyncio.get_running_loop().create_future()
        """The import, once it is in the log."""
        self.last = Report()
        """How far it is, as it said last."""
        self._loop = asyncio.get_running_loop()
        self.is_stopped = False
        """Whether the service ends."""
        self._running: set[Future[Any]] = set()

    def stop(self) -> None:
        """Cancels the calls that run, and refuses further ones."""
        self.is_stopped = True
        for call in [*self._running]:
            call.cancel()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        if self.is_stopped:
            work.close()
            raise Stopped("the service was stopped")
        found = asyncio.run_coroutine_threadsafe(work, self._loop)
        self._running.add(found)
        try:
            return found.result()
        finally:
            self._running.discard(found)

    def begin(self, new: NewImport) -> None:
        """See Store."""

        async def begin() -> None:
            found = await import_log.begin(self._database, new, "rest", by=self._by, import_id=self.id)
            self.begun.set_result(found)

        self._run(begin())

    def keep(self, problems: Sequence[NewProblems]) -> None:
        """See Store."""
        self._run(import_log.keep_problems(self._database, self.id, problems, "rest"))

    def report(self, said: Report) -> None:
        """See Store."""
        self._run(import_log.report(self._database, self.id, said, "rest"))
        self.last = said

    def insert(self, part: list[Item]) -> list[Item]:
        """See Store."""
        return self._run(self._insert(part))

    async def _insert(self, part: list[Item]) -> list[Item]:
        async def source() -> AsyncGenerator[bulk.Item]:
            for item in enumerate(part, 1):
                yield item

        async def undecided(found: bulk.Decisions) -> None:
            await propose_imported(self._database, found, self.id, by=self._by)

        found: list[Item] = []
        async for results in bulk.insert(self._database, source(), by=self._by, undecided=undecided):
            found += results
        return found

    def find(self, **wanted: str) -> Item | None:
        """See Store."""
        return self._run(self._find(**wanted))

    async def _find(
        self,
        uri: str | None = None,
        notation: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        under: str | None = None,
    ) -> Item | None:
        only = Kind(kind) if kind else None
        if uri is None and notation is None:
            page = await traversal.list_nodes(self._database, name=name, under=under, kind=only, limit=1)
        else:
            page = await search.identified(
                self._database, uri=uri, notation=notation, name=name, under=under, kind=only, limit=1
            )
        return _shown(page.items)

    def exported(self, top: str) -> Iterator[Item]:
        """See Store."""
        path = self._folder / "earlier"
        self._run(self._export(top, path))
        with path.open("rb") as file:
            for line in file:
                yield json.loads(line)
        path.unlink()

    async def _export(self, top: str, path: Path) -> None:
        options = ExportOptions(Which.all, Kind.Subject)
        async with collected(self._database, top, options, self._folder) as collection:
            with path.open("wb") as file:
                await asyncio.to_thread(document.write, collection, ExportFormat.ndjson, options, file)

    def child_of(self, node_id: str) -> Item | None:
        """See Store."""
        return _shown(self._run(traversal.children(self._database, node_id, limit=1)).items)

    def propose_removal(self, node_id: str, why: str) -> str:
        """See Store."""
        about = [About(id=node_id, role=Role.subject)]
        removal = Suggestion(
            kind=ProposalKind.remove, about=about, evidence=[why], source="import", import_id=self.id
        )
        found, _ = self._run(suggest(self._database, removal, by=self._by))
        return found.state

    def retire(self, node_id: str) -> None:
        """See Store."""
        self._run(nodes.retire(self._database, node_id, by=self._by, import_id=self.id))


def _shown(found: Sequence[Node]) -> Item | None:
    return {"id": found[0].id, "name": found[0].name} if found else None
