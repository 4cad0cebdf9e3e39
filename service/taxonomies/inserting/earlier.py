"""What an earlier import has put into the taxonomies of a plan."""

from collections.abc import Iterator
from itertools import islice

from graph.errors import Invalid
from graph.model import Kind, Status
from service.taxonomies.checking import Checked
from service.taxonomies.importing import Target
from service.taxonomies.inserting.parts import Item
from service.taxonomies.inserting.store import Store
from service.taxonomies.options import KeyBy, Missing
from service.taxonomies.vocabulary import GLAN

SAMPLE = 100
# The same in every load: a proposal that was rejected comes up again if its evidence changes.
NOT_THERE = "the vocabulary does not have it any more"
MARKS = "CREATE TABLE mark(text TEXT PRIMARY KEY) WITHOUT ROWID"
NOTED_AT_ONCE = 500


def _marks(item: Item) -> list[str]:
    """What an item is known by, or may be: its URI and its notation."""
    uris, codes = [item["uri"]] if item.get("uri") else [], [f"n:{code}" for code in item.get("notation", [])]
    by = item.get("key")
    if by == KeyBy.notation and codes:
        return codes[:1]
    return uris if by == KeyBy.uri else [*uris, *codes[:1]]


class Earlier:
    """What is there of the taxonomies of a plan before it is inserted."""

    def __init__(self, store: Store, found: Checked, target: Target) -> None:
        self._store = store
        self._found = found
        self.tops: list[tuple[str, str]] = []
        """Ids and names of the nodes under which earlier imports may have put something."""
        if target.under:
            self.tops.append((target.under[0], "the node"))
            return
        for taxonomy in found.plan.taxonomies:
            name = target.name or taxonomy["name"]
            known = {"uri": taxonomy["uri"]} if taxonomy["uri"] else {"name": name}
            if node := store.find(kind=Kind.Taxonomy.value, **known):
                self.tops.append((node["id"], node["name"]))

    def require_same_key(self) -> None:
        """Raises Invalid if the concepts are there by their notations, but not by the URIs they go by."""
        if not self.tops:
            return
        first = islice(self._found.plan.items(), SAMPLE)
        sample = [item for item in first if item.key is KeyBy.uri and item.uri and item.notation]
        for top, name in self.tops:
            if not sample or any(self._store.find(under=top, uri=item.uri) for item in sample):
                continue
            alike = sum(bool(self._store.find(under=top, notation=item.notation[0])) for item in sample)
            if alike:
                raise Invalid(
                    f"none of the first {len(sample)} URIs is in {name}, but {alike} of their notations are; "
                    "say --key notation if they are the same concepts, or --under another node"
                )

    def noted(self, wanted: Iterator[Item]) -> Iterator[Item]:
        """The items; notes by what each is known, if something may be there that none of them is."""
        if not self.tops:
            yield from wanted
            return
        marks = self._found.staging.db
        marks.execute(MARKS)
        while part := [*islice(wanted, NOTED_AT_ONCE)]:
            rows = ([mark] for item in part for mark in _marks(item))
            marks.executemany("INSERT OR IGNORE INTO mark VALUES (?)", rows)
            yield from part

    def missing(self, what: Missing) -> Iterator[Item]:
        """Nodes that have a URI, or no URI but a notation if concepts go by it, which no noted item has.

        Yields {uri, name, what}; `what`: kept, retired, proposed, or why it was kept.
        """
        keys = {*self._found.plan.keys}
        if keys == {KeyBy.path}:
            return
        for top, _ in self.tops:
            gone = [
                {"uri": item["uri"], "name": item["name"]}
                for item in self._store.exported(top)
                if _is_living(item) and not self._is_planned(item, KeyBy.notation in keys)
            ]
            # From below: what has nothing living below it any more can go, too.
            for item in reversed(gone):
                yield item | {"what": self._left(top, item, what)}

    def _is_planned(self, item: Item, by_notation: bool) -> bool:
        # A node without a URI of its own has glan's, and is known by its notation at most.
        marks = [mark for mark in _marks(item) if not mark.startswith(GLAN)]
        marks = [mark for mark in marks if by_notation or not mark.startswith("n:")]
        if not marks:
            return True
        wanted = ", ".join("?" * len(marks))
        rows = self._found.staging.rows(f"SELECT 1 FROM mark WHERE text IN ({wanted})", marks)
        return next(rows, None) is not None

    def _left(self, top: str, item: Item, what: Missing) -> str:
        if what is Missing.keep:
            return "kept"
        node = self._store.find(under=top, uri=item["uri"])
        if node is None:
            return "kept, because it has no URI of its own"
        if what is Missing.propose:
            state = self._store.propose_removal(node["id"], NOT_THERE)
            return "proposed" if state == "open" else f"kept, because its removal was {state}"
        if below := self._store.child_of(node["id"]):
            return f"kept, because {below['name']} stands under it"
        self._store.retire(node["id"])
        return "retired"


def _is_living(item: Item) -> bool:
    return item.get("status") != Status.retired and item.get("kind") != Kind.Taxonomy
