"""The service as a Store: how a command inserts a plan, and tells the log of imports about it."""

import json
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

from graph.model import Kind
from graph.taxonomy.streams.import_facts import NewImport, NewProblems, Report
from service.media.lines import LONGEST_LINE, Lines
from service.taxonomies.inserting.parts import Item
from service.terminal.client import Api

BEAT_S = 15.0


class HttpStore:
    """A Store over REST."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.id = ""
        """The import's id in the log, once it is there."""
        self._last = Report()
        self._lock = threading.Lock()

    def begin(self, new: NewImport) -> None:
        """See Store."""
        self.id = self._api.post("/v1/imports:announce", new.model_dump())["id"]

    def keep(self, problems: Sequence[NewProblems]) -> None:
        """See Store."""
        for one in problems:
            self._api.post(f"/v1/imports/{self.id}/problems", one.model_dump())

    def report(self, said: Report) -> None:
        """See Store."""
        with self._lock:
            self._last = said
            self._tell()

    def _tell(self) -> None:
        self._api.post(f"/v1/imports/{self.id}:report", self._last.model_dump(mode="json"))

    @contextmanager
    def beating(self) -> Generator[None]:
        """Says again every BEAT_S seconds how far the import is: a single request may take longer."""
        ended = threading.Event()

        def beat() -> None:
            while not ended.wait(BEAT_S):
                if self.id:
                    with suppress(Exception), self._lock:
                        self._tell()

        thread = threading.Thread(target=beat, name="import", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def insert(self, part: list[Item]) -> list[Item]:
        """See Store."""
        return self._api.insert_part(part, self.id)

    def find(self, **wanted: str) -> Item | None:
        """See Store."""
        return next(iter(self._api.get("/v1/nodes", limit=1, **wanted)["items"]), None)

    def exported(self, top: str) -> Iterator[Item]:
        """See Store."""
        lines = Lines(LONGEST_LINE)
        params: dict[str, Any] = {"format": "ndjson", "status": "all", "to": Kind.Subject.value}
        with self._api.stream(f"/v1/nodes/{top}/taxonomy", **params) as response:
            fed = chain.from_iterable(lines.fed(piece) for piece in response.iter_bytes())
            for line in chain(fed, lines.ended()):
                if line:
                    yield json.loads(line)

    def child_of(self, node_id: str) -> Item | None:
        """See Store."""
        return next(iter(self._api.get(f"/v1/nodes/{node_id}/children", limit=1)["items"]), None)

    def propose_removal(self, node_id: str, why: str) -> str:
        """See Store."""
        about = [{"id": node_id, "role": "subject"}]
        body = {"kind": "remove", "about": about, "evidence": [why], "source": "import", "import_id": self.id}
        return self._api.post("/v1/proposals", body)["state"]

    def retire(self, node_id: str) -> None:
        """See Store."""
        self._api.delete(f"/v1/nodes/{node_id}", mode="retire", import_id=self.id)
