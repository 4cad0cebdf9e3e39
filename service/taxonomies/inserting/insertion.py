"""Inserts a plan, finds what an earlier import had that the plan does not, and has the log told of all that.

insertion = Insertion(store, found, target, missing)
insertion.prepare()
insertion.begin(about)
result = insertion.run()
"""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from typing import Any, cast

from graph.model import Kind
from graph.taxonomy.streams.import_facts import (
    LONGEST_FILE,
    LONGEST_OPTION,
    MOST_INTO,
    MOST_KEPT,
    Counts,
    ImportState,
    NewImport,
    Plan,
    Report,
)
from graph.text import clean_text
from service.taxonomies.checking import Checked
from service.taxonomies.importing import Target, items
from service.taxonomies.inserting.earlier import Earlier
from service.taxonomies.inserting.parts import Item, answers
from service.taxonomies.inserting.reporting import ending, keep
from service.taxonomies.inserting.store import Store
from service.taxonomies.lookup import Lookup
from service.taxonomies.options import Missing, Options

# Refused items that are kept to be sent again.
MOST_AGAIN = 10_000
MOST_LISTED = 10_000
REPORT_S = 2.0
COUNTED = ("created", "existing", "unchanged", "updated", "proposed")
NAMES = {"schemes": "scheme", "languages": "lang", "loaded_as": "as"}
"""What options are called by users, where that is otherwise."""


@dataclass
class Listed:
    """The first MOST_LISTED of some things, and how many there are."""

    first: list[Item] = field(default_factory=list[Item])
    total: int = 0

    def add(self, row: Item) -> None:
        """Adds one."""
        self.total += 1
        if self.total <= MOST_LISTED:
            self.first.append(row)


class Insertion:
    """One plan on its way into the graph; everything is called in this order, and in one thread."""

    def __init__(self, store: Store, found: Checked, target: Target, missing: Missing) -> None:
        self._store = store
        self._found = found
        self._target = target
        self._missing = missing
        self._sending = _Sending(store, Lookup(found.staging.db, "inserted"))
        self._gone = Listed()
        self._reported = 0.0

    def prepare(self) -> None:
        """Raises Invalid for what must not be inserted: another version of what is there, under new URIs."""
        # What is wrong with the place is said before anything is written, too.
        next(items(self._found.plan, self._target), None)
        self._earlier = Earlier(self._store, self._found, self._target)
        self._earlier.require_same_key()

    def begin(self, options: Options) -> None:
        """Has the log note the import, with what is wrong with its file."""
        found, target = self._found, self._target
        counted, problems = found.report(0), found.staging.problems()
        plan = Plan(concepts=found.plan.concepts, kinds=found.plan.kinds, dropped=counted["plan"]["dropped"])
        about = _about(found) | {"options": given_options(options, target, self._missing), "plan": plan}
        under = target.under[0] if target.under else None
        self._store.begin(NewImport.model_validate(about | {"under": under, "problems": problems}))
        for code in problems:
            examples = found.staging.examples(code, MOST_KEPT)
            keep(self._store, code, ((one["uri"], one["text"]) for one in examples))

    def run(self, told: Callable[[], object] = lambda: None) -> dict[str, Any]:
        """Inserts everything; calls `told` for each item that is answered.

        Returns {counts, created, existing, unchanged, updated, proposed, conflicts, errors, missing}: all
        counts, five of them once more, and the first of what the others count. If it fails, the log says so.
        """
        with ending(self._report):
            self._insert(told)
            self._keep_refused()
        sending = self._sending
        return {
            "counts": self._counts(),
            **sending.counts,
            "conflicts": sending.conflicts.first,
            "errors": sending.errors.first,
            "missing": self._gone.first,
        }

    def _insert(self, told: Callable[[], object]) -> None:
        for _ in self._sending.send(self._earlier.noted(items(self._found.plan, self._target))):
            told()
            self._report_now_and_then()
        retiring = self._missing is Missing.retire
        self._sending.send_refused_again({"conflict"} if retiring else set())
        # What was refused may be the reason why something is not found.
        if not self._sending.errors.total:
            for row in self._earlier.missing(self._missing):
                self._gone.add(row)
                self._report_now_and_then()
        # A concept may be of another kind once what stood below it is retired.
        self._sending.send_refused_again(set())

    def _counts(self) -> dict[str, int]:
        sending = self._sending
        lists = {"conflicts": sending.conflicts, "errors": sending.errors, "missing": self._gone}
        return sending.counts | {name: listed.total for name, listed in lists.items()}

    def _report_now_and_then(self) -> None:
        if time.monotonic() > self._reported + REPORT_S:
            self._report(ImportState.running)
            self._reported = time.monotonic()

    def _report(self, state: ImportState, reason: str | None = None) -> None:
        counts = Counts.model_validate(self._counts())
        into = self._sending.taxonomies[:MOST_INTO]
        self._store.report(Report(**counts.model_dump(), state=state, reason=reason, into=into))

    def _keep_refused(self) -> None:
        """Keeps what was not stored as the file says, beside the problems of the file itself."""
        sending = self._sending
        refused = ((row["uri"], f"{row['name']}: {row['error']}") for row in sending.errors.first)
        open_ = ((row["uri"], f"{row['name']}: {conflict(row)}") for row in sending.conflicts.first)
        missing = ((row["uri"], f"{row['name']}: {row['what']}") for row in self._gone.first)
        for code, rows in (("refused", refused), ("conflict", open_), ("missing", missing)):
            keep(self._store, code, rows)


class _Sending:
    """Sends items and counts what becomes of them."""

    def __init__(self, store: Store, ids: Lookup) -> None:
        self._store = store
        self._ids = ids
        self._refused: list[Item] = []
        self._waiting = {"error", "conflict"}
        """What is not counted yet, but sent again."""
        self.taxonomies: list[str] = []
        """Ids of the taxonomies that items were."""
        self.counts = dict.fromkeys(COUNTED, 0)
        self.conflicts = Listed()
        self.errors = Listed()

    def send(self, wanted: Iterator[Item]) -> Iterator[None]:
        """Sends items; yields as often as one is answered."""
        sent: deque[Item] = deque()

        def noted() -> Iterator[Item]:
            for item in wanted:
                sent.append(item)
                yield item

        for answer in answers(noted(), self._store.insert, self._ids):
            self._count(sent.popleft(), answer)
            yield

    def send_refused_again(self, waiting: set[str]) -> None:
        """A name, or a place, may be free once all the others are where they belong.

        `waiting`: what is sent once more after that, as statuses of answers.
        """
        again, self._refused, self._waiting = self._refused, [], waiting
        for _ in self.send(iter(again)):
            pass

    def _count(self, item: Item, answer: Item) -> None:
        if item["kind"] == Kind.Taxonomy and "id" in answer:
            self.taxonomies.append(answer["id"])
        if answer["status"] in COUNTED:
            self.counts[answer["status"]] += 1
        elif "error" in answer and answer["status"] in self._waiting and len(self._refused) < MOST_AGAIN:
            self._refused.append(item)
        else:
            said = {name: answer[name] for name in ("id", "conflicts", "error") if name in answer}
            rows = self.errors if answer["status"] == "error" else self.conflicts
            rows.add({"uri": item.get("uri", ""), "name": item["name"], **said})


def conflict(row: Item) -> str:
    """A conflict in words."""
    found = [
        f"{one['field']} is {one['has']!r} here and {one['told']!r} in the file"
        for one in row.get("conflicts", ())
    ]
    return "; ".join(found) or row.get("error", "")


def given_options(options: Options, target: Target, missing: Missing) -> dict[str, str]:
    """The options that differ from the defaults, as users name them."""
    given: dict[str, Any] = {"missing": missing} if missing is not Missing.keep else {}
    for one in (options, target):
        for known in fields(one):
            value = getattr(one, known.name)
            # The log shows place and format elsewhere, and the path of a context is one of another machine.
            if value != known.default and known.name not in ("under", "format", "context"):
                given[NAMES.get(known.name, known.name)] = value
    return {name: clean_text(_text(value))[:LONGEST_OPTION] for name, value in given.items()}


def _text(value: Any) -> str:
    return ",".join(map(str, cast(tuple[Any, ...], value))) if isinstance(value, tuple) else str(value)


def _about(found: Checked) -> dict[str, Any]:
    """The files of a plan, as one."""
    sources = found.sources
    digests = [source.sha256 for source in sources]
    listed = hashlib.sha256("\n".join(digests).encode()).hexdigest()
    name = ", ".join(source.file for source in sources)
    return {
        "file": clean_text(name)[:LONGEST_FILE] or "unnamed",
        "sha256": digests[0] if len(digests) == 1 else listed,
        "format": sources[0].format,
        "triples": sum(source.statements for source in sources),
    }
