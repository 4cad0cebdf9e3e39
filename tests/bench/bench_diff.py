"""What comparing two taxonomies costs: two files, or made headings and a changed copy of them.

Run: python tests/bench/bench_diff.py [BEFORE AFTER] [--quick]. Each run has a process of its own:
reading either file alone, and both compared, as `glan taxonomy diff` does it; seconds are CPU seconds, and
memory is the most that a process held.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.garden import ran
from bench.headings import statements

HEADINGS, FEW = 463_254, 15_000
EVERY = 1_000
"""One of this number of statements is left out of the copy, and one is changed."""


def changed(lines: Iterator[str]) -> Iterator[str]:
    """A copy in which labels differ and statements are missing."""
    for n, line in enumerate(lines):
        if n % EVERY == 1 and '"@en' in line:
            yield line.replace('"@en', ' (changed)"@en')
        elif n % EVERY != 2:
            yield line


def cost(home: Path, *arguments: str) -> tuple[float, int, str]:
    """CPU seconds, MB and the first line that `glan taxonomy ...` prints."""
    done = ran(home, "taxonomy", *arguments)
    return round(done.cpu_s, 1), round(done.most_mb), done.out.partition("\n")[0]


def measure(quick: bool = False, files: Sequence[Path] = ()) -> list[dict[str, Any]]:
    """The rows of the table, for two files or for made ones; the ratio is to both files checked alone."""
    headings = FEW if quick else HEADINGS
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        before, after = files or (home / "before.nt", home / "after.nt")
        if not files:
            with before.open("w") as file:
                file.writelines(statements(headings))
            with after.open("w") as file:
                file.writelines(changed(statements(headings)))
        runs = {
            "check the first": ("check", str(before)),
            "check the second": ("check", str(after)),
            "diff": ("diff", str(before), str(after)),
        }
        found = {name: cost(home, *arguments) for name, arguments in runs.items()}
    both = found["check the first"][0] + found["check the second"][0]
    return [
        {
            "what": name,
            "CPU s": f"{seconds:.1f}",
            "to both checks": f"{seconds / both:.2f}",
            "peak MB": memory,
            "says": said,
        }
        for name, (seconds, memory, said) in found.items()
    ]


if __name__ == "__main__":
    from bench.report import run_alone, table

    named = [Path(given) for given in sys.argv[1:] if given != "--quick"]
    if named:
        print(table(measure(files=named)))
    else:
        run_alone("diffs")
