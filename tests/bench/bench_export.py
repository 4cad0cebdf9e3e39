"""What writing an export costs: made headings, planned, collected as the graph returns them, and written.

Run: python tests/bench/bench_export.py [--quick]. Seconds are CPU seconds of this process. What the
graph takes to return the nodes is not in them.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.headings import statements
from exporting import exported

from service.taxonomies.checking import checked
from service.taxonomies.options import Options
from service.taxonomies.planning.items import PlannedItem
from service.taxonomies.writing.options import ExportFormat

HEADINGS = 20_000


def planned(headings: int, folder: Path) -> list[PlannedItem]:
    """The nodes that this many headings become."""
    path = folder / "headings.nt"
    with path.open("w") as file:
        file.writelines(statements(headings))
    with checked([str(path)], Options(), folder) as found:
        return list(found.plan.items())


def measure(quick: bool = False) -> list[dict[str, Any]]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        items = planned(HEADINGS // 10 if quick else HEADINGS, folder)
        found: list[dict[str, Any]] = []
        for format_ in ExportFormat:
            started = time.process_time()
            text = exported(items, folder, format_.value)
            seconds = time.process_time() - started
            found.append(
                {
                    "format": format_.value,
                    "nodes": f"{len(items):,}",
                    "MB": f"{len(text) / 1e6:.1f}",
                    "CPU s": f"{seconds:.2f}",
                    "MB/s": f"{len(text) / 1e6 / seconds:.1f}",
                }
            )
    return found


if __name__ == "__main__":
    from bench.report import run_alone

    run_alone("exports")
