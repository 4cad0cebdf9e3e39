"""What comparing two taxonomies costs: two files, or made headings and a changed copy of them.

Run: python tests/bench/bench_diff.py [BEFORE AFTER] [--headings 463254]. Each run has a process of its own:
reading either file alone, and both compared, as `glan taxonomy diff` does it; seconds are CPU seconds, and
memory is the most that a process held.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.headings import statements

HEADINGS = 463_254
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
    output = home / "output"
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", "from glan_entry import main; main()", "taxonomy", *arguments],
            stdout=out,
            env=os.environ | {"GLAN_HOME": str(home)},
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    first = output.read_text().partition("\n")[0]
    return round(usage.ru_utime + usage.ru_stime, 1), usage.ru_maxrss // 1024, first


def main() -> None:
    """Prints the table as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--headings", type=int, default=HEADINGS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        before, after = given.files or (home / "before.nt", home / "after.nt")
        if not given.files:
            with before.open("w") as file:
                file.writelines(statements(given.headings))
            with after.open("w") as file:
                file.writelines(changed(statements(given.headings)))
        print("| run | CPU s | MB | says |")
        print("|---|--:|--:|---|")
        for name, arguments in (
            ("check the first", ("check", str(before))),
            ("check the second", ("check", str(after))),
            ("diff", ("diff", str(before), str(after))),
        ):
            seconds, memory, said = cost(home, *arguments)
            print(f"| {name} | {seconds} | {memory} | {said} |", flush=True)


if __name__ == "__main__":
    main()
