"""Inserts a plan through the service, and finds what an earlier import had that the plan does not."""

import json
from collections import deque
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from graph.errors import Invalid
from graph.model import Kind
from service.media.lines import LONGEST_LINE, Lines
from service.taxonomies.checking import Checked
from service.taxonomies.importing import Target, items
from service.taxonomies.options import KeyBy, Missing
from service.taxonomies.vocabulary import GLAN
from service.terminal.client import Api
from service.terminal.output import spinner

SAMPLE = 100
# Refused items that are kept to be sent again.
MOST_AGAIN = 10_000
# The same in every load: a proposal that was rejected comes up again if its evidence changes.
NOT_THERE = "the vocabulary does not have it any more"
COUNTED = ("created", "existing", "unchanged", "updated", "proposed")
MARKS = "CREATE TABLE mark(text TEXT PRIMARY KEY) WITHOUT ROWID"


def import_into(api: Api, found: Checked, target: Target, missing: Missing) -> dict[str, Any]:
    """Inserts a plan.

    Returns {created, existing, unchanged, updated, proposed, conflicts, errors, missing}: five counts and
    three lists.
    """
    earlier = _Earlier(api, found, target)
    earlier.require_same_key()
    sending = _Sending(api)
    with spinner("{task.completed:,} of {task.total:,} nodes") as progress:
        task = progress.add_task("nodes", total=sum(found.plan.kinds.values()))
        for _ in sending.send(_marked(found, items(found.plan, target))):
            progress.advance(task)
    sending.send_refused_again()
    # What was refused may be the reason why something is not found.
    gone = [] if sending.errors else [*earlier.missing(missing)]
    return {**sending.counts, "conflicts": sending.conflicts, "errors": sending.errors, "missing": gone}


class _Sending:
    """Sends items and counts what becomes of them."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ids: dict[str, str] = {}
        self._refused: list[dict[str, Any]] | None = []
        self.counts = dict.fromkeys(COUNTED, 0)
        self.conflicts: list[dict[str, Any]] = []
        self.errors: list[dict[str, Any]] = []

    def send(self, wanted: Iterator[dict[str, Any]]) -> Iterator[None]:
        """Sends items; yields as often as one is answered."""
        sent: deque[dict[str, Any]] = deque()

        def noted() -> Iterator[dict[str, Any]]:
            for item in wanted:
                sent.append(item)
                yield item

        for answer in self._api.insert_many(noted(), self._ids):
            self._count(sent.popleft(), answer)
            yield

    def send_refused_again(self) -> None:
        """A name, or a place, may be free once all the others are where they belong."""
        again, self._refused = self._refused or [], None
        for _ in self.send(iter(again)):
            pass

    def _count(self, item: dict[str, Any], answer: dict[str, Any]) -> None:
        if answer["status"] in COUNTED:
            self.counts[answer["status"]] += 1
        elif "error" in answer and self._refused is not None and len(self._refused) < MOST_AGAIN:
            self._refused.append(item)
        else:
            said = {name: answer[name] for name in ("id", "conflicts", "error") if name in answer}
            rows = self.errors if answer["status"] == "error" else self.conflicts
            rows.append({"uri": item.get("uri", ""), "name": item["name"], **said})


def _marked(found: Checked, wanted: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The items; notes by what each is known."""
    marks = found.staging.db
    marks.execute(MARKS)
    for item in wanted:
        for mark in _marks(item):
            marks.execute("INSERT OR IGNORE INTO mark VALUES (?)", [mark])
        yield item


def _marks(item: dict[str, Any]) -> list[str]:
    codes: list[str] = item.get("notation", [])
    return [*([item["uri"]] if item.get("uri") else []), *(f"n:{code}" for code in codes[:1])]


class _Earlier:
    """What is there of the taxonomies of a plan before it is inserted."""

    def __init__(self, api: Api, found: Checked, target: Target) -> None:
        self._api = api
        self._found = found
        self._tops: list[tuple[str, str]] = []
        """Ids and names of the nodes under which earlier imports may have put something."""
        if target.under:
            self._tops.append((target.under[0], "the node"))
            return
        for taxonomy in found.plan.taxonomies:
            name = target.name or taxonomy["name"]
            known = {"uri": taxonomy["uri"]} if taxonomy["uri"] else {"name": name}
            there = api.get("/v1/nodes", kind=Kind.Taxonomy.value, limit=1, **known)["items"]
            self._tops += [(node["id"], node["name"]) for node in there]

    def require_same_key(self) -> None:
        """Raises Invalid if the concepts are there by their notations, but not by the URIs they go by."""
        if not self._tops or self._found.plan.key is not KeyBy.uri:
            return
        sample = [item for item in islice(self._found.plan.items(), SAMPLE) if item.uri and item.notation]
        for top, name in self._tops:
            if not sample or any(self._has(top, uri=item.uri) for item in sample):
                continue
            alike = sum(self._has(top, notation=item.notation[0]) for item in sample)
            if alike:
                raise Invalid(
                    f"none of the first {len(sample)} URIs is in {name}, but {alike} of their notations are; "
                    "say --key notation if they are the same concepts, or --under another node"
                )

    def _has(self, top: str, **wanted: str) -> bool:
        return bool(self._api.get("/v1/nodes", under=top, limit=1, **wanted)["items"])

    def missing(self, what: Missing) -> Iterator[dict[str, Any]]:
        """Nodes that have a URI, or a notation if concepts go by it, which no item of the plan has.

        Yields {uri, name, what}; `what`: kept, retired, proposed, or why it was kept.
        """
        by_notation = self._found.plan.key is KeyBy.notation
        if self._found.plan.key is KeyBy.path:
            return
        for top, _ in self._tops:
            gone = [item for item in self._exported(top) if not self._is_planned(item, by_notation)]
            # From below: what has nothing living below it any more can go, too.
            for item in reversed(gone):
                said = {"uri": item["uri"], "name": item["name"]}
                if what is Missing.propose:
                    yield said | {"what": self._proposed(top, item)}
                else:
                    yield said | {"what": self._retired(top, item) if what is Missing.retire else "kept"}

    def _exported(self, top: str) -> Iterator[dict[str, Any]]:
        lines = Lines(LONGEST_LINE)
        params = {"format": "ndjson", "status": "all", "to": Kind.Subject.value}
        with self._api.stream(f"/v1/nodes/{top}/taxonomy", **params) as response:
            fed = chain.from_iterable(lines.fed(piece) for piece in response.iter_bytes())
            for line in chain(fed, lines.ended()):
                item: dict[str, Any] = json.loads(line) if line else {}
                if item.get("status") != "retired" and item.get("kind") != Kind.Taxonomy:
                    yield item

    def _is_planned(self, item: dict[str, Any], by_notation: bool) -> bool:
        marks = [mark for mark in _marks(item) if mark.startswith("n:") is by_notation]
        # A node without a URI of its own has glan's: no import brought it.
        if not marks or marks[0].startswith(GLAN):
            return True
        rows = self._found.staging.rows("SELECT 1 FROM mark WHERE text = ?", marks[:1])
        return next(rows, None) is not None

    def _proposed(self, top: str, item: dict[str, Any]) -> str:
        for node in self._api.get("/v1/nodes", under=top, uri=item["uri"], limit=1)["items"]:
            body = {
                "kind": "remove",
                "about": [{"id": node["id"], "role": "subject"}],
                "evidence": [NOT_THERE],
                "source": "import",
            }
            state = self._api.post("/v1/proposals", body)["state"]
            return "proposed" if state == "open" else f"kept, because its removal was {state}"
        return "kept, because it has no URI of its own"

    def _retired(self, top: str, item: dict[str, Any]) -> str:
        for node in self._api.get("/v1/nodes", under=top, uri=item["uri"], limit=1)["items"]:
            below = self._api.get(f"/v1/nodes/{node['id']}/children", limit=1)["items"]
            if below:
                return f"kept, because {below[0]['name']} stands under it"
            self._api.delete(f"/v1/nodes/{node['id']}", mode="retire")
            return "retired"
        return "kept, because it has no URI of its own"
