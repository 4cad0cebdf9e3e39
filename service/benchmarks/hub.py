"""Fetches the files of a well-known benchmark from the Hugging Face hub, or the one HF_ENDPOINT names."""

import re
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, cast

from graph.errors import Invalid
from graph.text import first_line
from service.benchmarks.known import KnownBenchmark

MOST_NAMED = 10
SPLIT = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Fetched:
    """A file on this machine, with the split and the task that its place in the repository says."""

    path: Path
    split: str
    task: str


def fetch(name: str, known: KnownBenchmark, hub: str | None = None) -> tuple[str, list[Fetched]]:
    """The commit, and its files, which the hub's client keeps; raises Invalid saying what to do instead."""
    import httpx
    import httpx2
    import huggingface_hub
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    client = cast(Any, huggingface_hub)
    # Which of the two the hub's client sends with depends on its version.
    lost = httpx.TransportError, httpx2.TransportError
    try:
        found = client.HfApi(endpoint=hub).dataset_info(known.repository)
        files = chosen(known, [sibling.rfilename for sibling in found.siblings])
        return found.sha, [
            Fetched(
                Path(
                    client.hf_hub_download(
                        known.repository, file, repo_type="dataset", revision=found.sha, endpoint=hub
                    )
                ),
                split_of(known, file),
                task_of(known, file, files),
            )
            for file in files
        ]
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError, *lost) as error:
        raise Invalid(
            f"{name} cannot be fetched from {known.repository} on the hub: {first_line(error)}. Fetch the "
            f"files some other way and load them: glan benchmark load FILE --name {name}"
        ) from error


def chosen(known: KnownBenchmark, files: list[str]) -> list[str]:
    """The files that hold the benchmark, in order; raises Invalid if the repository has none of them."""
    found = sorted(f for f in files if any(fnmatchcase(f, pattern) for pattern in known.files))
    if not found:
        raise Invalid(
            f"{known.repository} has no file {' or '.join(known.files)} any more; it has "
            f"{', '.join(sorted(files)[:MOST_NAMED])}: fetch what you need and load it as a FILE"
        )
    return found


def split_of(known: KnownBenchmark, file: str) -> str:
    """The split that a file's name begins with, such as test in main/test-00000-of-00001.parquet."""
    match = SPLIT.match(PurePosixPath(file).name)
    return known.split or (match[0] if match else "")


def task_of(known: KnownBenchmark, file: str, files: list[str]) -> str:
    """The folder of a file, if the files are in several and no column names the task."""
    folders = Counter(PurePosixPath(f).parent.name for f in files)
    return PurePosixPath(file).parent.name if len(folders) > 1 and not known.task else ""
