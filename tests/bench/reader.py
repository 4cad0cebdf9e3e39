"""A plain HTTP client for the benchmark of pulls: reads all of an answer and prints figures as JSON.

Uses only the standard library, so that its memory is that of reading. Run: python reader.py ROOT URL
"""

import http.client
import json
import re
import sys
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

TAIL = 1 << 20


def read(url: str) -> dict[str, float]:
    """Lines (of Parquet, rows) per second, seconds until the first byte, and peak memory in MB."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    start = perf_counter()
    connection.request("GET", f"{parts.path}?{parts.query}")
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    first, count, tail = 0.0, 0, b""
    while chunk := answer.read1(TAIL):
        first = first or perf_counter() - start
        count += chunk.count(b"\n")
        tail = (tail + chunk)[-TAIL:] if "parquet" in url else b""
    seconds = perf_counter() - start
    return {"rate": (rows_of(tail) if tail else count) / seconds, "first": first, "mb": peak_mb()}


def peak_mb() -> float:
    """The peak memory of this program; getrusage would count the program that started it too."""
    found = re.search(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


def rows_of(tail: bytes) -> int:
    """The number of rows of a Parquet file, from its end."""
    import io
    from typing import Any

    import pyarrow.parquet

    parquet: Any = pyarrow.parquet
    return parquet.read_metadata(io.BytesIO(tail)).num_rows


if __name__ == "__main__":
    print(json.dumps(read(sys.argv[2])))
