"""Compares two taxonomies, each of a file or of the graph."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from service.taxonomies.checking import STAGING, checked, has_failed
from service.taxonomies.comparing import report
from service.taxonomies.comparing.operations import GROUPS, Operations
from service.taxonomies.comparing.pairing import Pairing
from service.taxonomies.options import Deprecated, Options
from service.taxonomies.planning.plan import Plan, plan
from service.taxonomies.reading import rdf
from service.taxonomies.staging import Staging
from service.taxonomies.writing.collection import Collection
from service.taxonomies.writing.options import ExportOptions

SHOWN = 20
"""Concepts of a group that are listed, unless all are asked for."""
ALL = 2**31
MOST_ROOTS = 100
SIDES = ("from", "to")


@dataclass
class Compared:
    """Two sides that were filled, and what changed."""

    pairing: Pairing
    sides: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Of each: source, taxonomies, concepts, languages, problems."""
    counts: dict[str, int] = field(default_factory=dict[str, int])

    def read_file(self, source: str, options: Options, home: Path, called: str = "") -> None:
        """Fills the next side from a file; - is standard input. `called`: in place of its name.

        Raises Invalid for a file that cannot be used, and OSError for one that cannot be opened.
        """
        with checked([source], _for_diff(options), home) as found:
            self._fill(found.plan, called or found.sources[0].file)
            problems = found.staging.problems()
            self.sides[-1]["problems"] = problems
            self.sides[-1]["incomplete"] = has_failed({"problems": problems})

    def read_graph(self, collection: Collection, options: ExportOptions, name: str, home: Path) -> None:
        """Fills the next side from what was collected of the graph, as its export would be read."""
        # Imported here, because pyoxigraph takes a moment to load.
        from service.taxonomies.writing.statements import Statements

        with Staging(home / STAGING) as staging:
            for triple in Statements(collection, options).all():
                rdf.stage(triple, staging)
            staging.read_whole()
            self._fill(plan(staging, _for_diff(Options()), name), name)

    def _fill(self, found: Plan, source: str) -> None:
        side = len(self.sides)
        self.pairing.fill(side, found.items(), found.languages)
        names = [one["name"] for one in found.taxonomies[:MOST_ROOTS]]
        self.sides.append(
            {
                "source": source,
                "taxonomies": names,
                "concepts": found.concepts,
                "languages": list(found.languages),
                "problems": {},
                "incomplete": False,
            }
        )

    def compare(self) -> None:
        """Finds what changed from the first side to the second."""
        self.pairing.pair()
        self._operations = Operations(self.pairing)
        self._operations.find()
        self.counts = self._operations.counts()

    def head(self) -> dict[str, Any]:
        """What is known beside the operations."""
        return {**dict(zip(SIDES, self.sides, strict=True)), "counts": self.counts}

    def write_json(self, file: IO[bytes]) -> None:
        """Writes everything as one JSON object, an operation per line."""
        head = json.dumps(self.head(), ensure_ascii=False, indent=2)
        file.write(head.removesuffix("\n}").encode() + b',\n  "operations": [')
        for n, text in enumerate(self._operations.all()):
            file.write((b",\n    " if n else b"\n    ") + text.encode())
        file.write(b"\n  ]\n}\n" if self.counts else b"]\n}\n")

    def _groups(self, most: int) -> Iterator[report.Group]:
        for group in GROUPS:
            if group in self.counts:
                yield group, self._operations.size(group), self._operations.of_group(group, most)

    def text(self, most: int = SHOWN) -> Iterator[str]:
        """The lines for people."""
        return report.text(self.counts, self._groups(most), most)

    def markdown(self, most: int = SHOWN) -> Iterator[str]:
        """The lines for a pull request."""
        before, after = (side["source"] for side in self.sides)
        return report.markdown((before, after), self.counts, self._groups(most), most)


def _for_diff(options: Options) -> Options:
    """Deprecated concepts are read, since a concept may have become one."""
    return replace(options, deprecated=Deprecated.retire)


@contextmanager
def comparing(home: Path) -> Generator[Compared]:
    """A comparison to fill. `home`: the folder in which what is read is staged, and then removed."""
    with Pairing(home / STAGING) as pairing:
        yield Compared(pairing)
