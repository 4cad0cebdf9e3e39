"""What reading and planning vocabularies costs: every file of a folder, and made headings.

Run: python tests/bench/bench_taxonomy_files.py [FOLDER] [--headings 463254]. Each file is checked in its own
process, as `glan taxonomy check FILE --json` does it; seconds are CPU seconds of that process, and memory
is the most that it held.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import ran
from bench.headings import statements

HEADINGS = 463_254
Row = dict[str, Any]


def measured(path: Path, home: Path) -> Row:
    """A row of the table for one file."""
    done = ran(home, "taxonomy", "check", str(path), "--json")
    cost = {"CPU s": round(done.cpu_s, 2), "MB": round(done.most_mb)}
    text, error = done.out, done.error
    if not text:
        return {"file": path.name, "concepts": 0, "kinds": "", "problems": error.strip()[:160], **cost}
    report = json.loads(text)
    counts = report["plan"]["kinds"] | {f"-{name}": n for name, n in report["plan"]["dropped"].items()}
    return {
        "file": path.name,
        "concepts": report["plan"]["concepts"],
        "kinds": " ".join(f"{name}:{n}" for name, n in counts.items()),
        "problems": " ".join(f"{code}:{n}" for code, n in report["problems"].items()),
        **cost,
    }


def rows(folder: Path | None, headings: int) -> Iterator[Row]:
    """All rows."""
    with tempfile.TemporaryDirectory() as home:
        files = sorted(folder.rglob("*")) if folder else []
        for path in files:
            if path.is_file() and path.suffix != ".md":
                yield measured(path, Path(home))
        if headings:
            made = Path(home) / f"headings-{headings}.nt"
            with made.open("w") as file:
                file.writelines(statements(headings))
            yield measured(made, Path(home))


def main() -> None:
    """Prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--headings", type=int, default=HEADINGS)
    given = parser.parse_args()
    for n, row in enumerate(rows(given.folder, given.headings)):
        if not n:
            print("|", " | ".join(row), "|")
            print("|", " | ".join("---" for _ in row), "|")
        print("|", " | ".join(map(str, row.values())), "|", flush=True)


if __name__ == "__main__":
    main()
