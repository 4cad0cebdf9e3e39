"""What writing an export costs: made headings, planned, collected as the graph returns them, and written.

Run: python tests/bench/bench_export.py [--headings 20000]. Seconds are CPU seconds of this process. What the
graph takes to return the nodes is not in them.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.headings import statements
from exporting import exported

from service.taxonomies.checking import checked
from service.taxonomies.options import Options
from service.taxonomies.planning.items import PlannedItem
from service.taxonomies.writing.options import ExportFormat


def planned(headings: int, folder: Path) -> list[PlannedItem]:
    """The nodes that this many headings become."""
    path = folder / "headings.nt"
    with path.open("w") as file:
        file.writelines(statements(headings))
    with checked([str(path)], Options(), folder) as found:
        return list(found.plan.items())


def rows(items: list[PlannedItem], folder: Path) -> Iterable[tuple[str, int, float, float]]:
    """Format, nodes, MB and CPU seconds, for each format."""
    for format_ in ExportFormat:
        started = time.process_time()
        text = exported(items, folder, format_.value)
        yield format_.value, len(items), len(text) / 1e6, time.process_time() - started


def main() -> None:
    """Prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--headings", type=int, default=20_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        items = planned(given.headings, Path(folder))
        print("| format | nodes | MB | CPU s |\n| --- | --- | --- | --- |")
        for format_, nodes, size, seconds in rows(items, Path(folder)):
            print(f"| {format_} | {nodes:,} | {size:.1f} | {seconds:.2f} |", flush=True)


if __name__ == "__main__":
    main()
