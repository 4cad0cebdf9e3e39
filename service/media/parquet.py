"""Instructions as Parquet: a fixed schema per layout, row groups written as the rows arrive.

The columns have the names and types of the layout's fields. Files are compressed with zstd, in row groups of
up to ROWS rows. Nothing is inferred from the rows, so files of different subtrees can be combined.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from datetime import datetime
from types import NoneType
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from graph.database import Row
from graph.instructions.instructions import Instruction
from service.media.layouts import Layout

ROWS = 5_000


def schema(layout: Layout) -> Any:
    """The Arrow schema of a layout."""
    # Imported here because pyarrow takes a moment to load, and most requests and commands do not need it.
    import pyarrow as pa

    types: Any = pa  # pyarrow has no usable type annotations
    text: Any = types.string()

    def turns(*names: str) -> Any:
        return types.list_(types.struct([(name, text) for name in names]))

    def type_of(annotation: Any) -> Any:
        wanted: Any = next((one for one in get_args(annotation) if one is not NoneType), annotation)
        if get_origin(annotation) is list:
            return types.list_(type_of(wanted))
        if isinstance(wanted, type) and issubclass(wanted, BaseModel):
            return types.struct(columns(wanted))
        known: dict[Any, Any] = {
            int: types.int64(),
            float: types.float64(),
            datetime: types.timestamp("us", tz="UTC"),
        }
        return known.get(wanted, text)

    def columns(model: type[BaseModel]) -> list[Any]:
        return [(name, type_of(field.annotation)) for name, field in model.model_fields.items()]

    fields: dict[Layout, list[Any]] = {
        Layout.full: columns(Instruction),
        Layout.openai: [("messages", turns("role", "content"))],
        Layout.alpaca: [(name, text) for name in ("instruction", "input", "output")],
        Layout.sharegpt: [("conversations", turns("from", "value"))],
        Layout.prompt_completion: [(name, text) for name in ("prompt", "completion")],
        Layout.prompt_completion_messages: [
            (name, turns("role", "content")) for name in ("prompt", "completion")
        ],
        Layout.preference: [(name, text) for name in ("prompt", "chosen", "rejected")],
        Layout.preference_messages: [
            (name, turns("role", "content")) for name in ("prompt", "chosen", "rejected")
        ],
    }
    return types.schema(fields[layout])


class _Sink:
    """The minimum of a file that pyarrow can write to; `take` removes and returns what was written."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing is buffered."""

    def close(self) -> None:
        """Nothing to release; `take` still works."""

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


class Writer:
    """Writes a Parquet file piece by piece: `add` and `end` return the bytes to append to it."""

    def __init__(self, layout: Layout) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        arrow: Any = pa
        parquet: Any = pq
        self._arrow = arrow
        self._schema = schema(layout)
        self._sink = _Sink()
        self._file = arrow.PythonFile(self._sink, mode="w")
        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")

    def add(self, rows: list[Row]) -> bytes:
        """Writes rows, already in the layout, as one row group; returns the bytes since the last call."""
        table = self._arrow.Table.from_pylist([_timed(row) for row in rows], schema=self._schema)
        self._writer.write_table(table, row_group_size=len(rows))
        return self._sink.take()

    def end(self) -> bytes:
        """Finishes the file and returns its last bytes."""
        self._writer.close()
        return self._sink.take()


def _timed(row: Row) -> Row:
    """The row with `created_at` as a datetime, because Arrow does not convert text to times."""
    if "created_at" not in row:
        return row
    return row | {"created_at": datetime.fromisoformat(row["created_at"])}


async def written(rows: AsyncIterator[list[Row]], layout: Layout) -> AsyncGenerator[bytes]:
    """The bytes of a file with these rows, which arrive in parts of any size; holds about one row group."""
    writer = await asyncio.to_thread(Writer, layout)
    waiting: list[Row] = []
    async for part in rows:
        waiting += part
        while len(waiting) >= ROWS:
            group, waiting = waiting[:ROWS], waiting[ROWS:]
            # In a thread, because a row group occupies a core for a while and other requests must go through.
            yield await asyncio.to_thread(writer.add, group)
    if waiting:
        yield await asyncio.to_thread(writer.add, waiting)
    yield await asyncio.to_thread(writer.end)
