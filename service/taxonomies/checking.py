"""Reads files and plans what they would become, without writing anything: `glan taxonomy check`."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.taxonomies.options import Options
from service.taxonomies.planning.plan import Plan, plan
from service.taxonomies.reading import files
from service.taxonomies.reading.files import Source
from service.taxonomies.staging import Staging

STAGING = "staging"
MOST_EXAMPLES = 5
# With these, something of the file is not in the plan, although it should be.
LEAVING_OUT = ("syntax", "encoding", "unplaced", "too_large", "no_uri")


@dataclass
class Checked:
    """Files that were read, and the plan; `staging` is open as long as items are made."""

    sources: list[Source]
    plan: Plan
    staging: Staging

    def report(self, examples: int = MOST_EXAMPLES) -> dict[str, Any]:
        """{sources, notes, taxonomies, plan, problems, examples}: figures, and some problems of each code."""
        problems, found = self.staging.problems(), self.plan
        return {
            "sources": [source.as_json() for source in self.sources],
            "notes": [*(source.said() for source in self.sources), *files.said_of_presets(self.sources)],
            "taxonomies": found.taxonomies,
            "plan": {
                "concepts": found.concepts,
                "kinds": found.kinds,
                "edges": found.edges,
                "depth": found.depth,
                "key": found.key.value,
                "keys": {key.value: number for key, number in found.keys.items()},
                "languages": list(found.languages),
                "dropped": self.staging.dropped(),
            },
            "problems": problems,
            "examples": {code: self.staging.examples(code, examples) for code in problems},
        }


@contextmanager
def checked(sources: Sequence[str], options: Options, home: Path) -> Generator[Checked]:
    """Reads files into one plan. `home`: the folder in which what is read is staged, and then removed.

    Raises Invalid for files that cannot be used, and OSError for those that cannot be opened.
    """
    with Staging(home / STAGING) as staging:
        found = [files.read(source, options, staging) for source in sources]
        staging.read_whole()
        name = Path(found[0].file).stem or found[0].file
        yield Checked(found, plan(staging, options, name), staging)


def has_failed(report: dict[str, Any]) -> bool:
    """Whether something that a file says is missing from the plan because of a fault."""
    return any(code in report["problems"] for code in LEAVING_OUT)
