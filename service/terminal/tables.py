"""Tables for people: figures aligned right, columns that fit the width, the first rows, a total."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from service.terminal.output import note, stdout

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Rows = Sequence[Sequence[str]]

# Number of rows shown unless all are requested.
MOST_ROWS = 40
FIGURE = re.compile(r"[-+$]?\d[\d,.]*%?")


def print_table(
    columns: Sequence[str],
    rows: Rows,
    *,
    every: str | None = None,
    total: Sequence[str] | None = None,
    least: int | None = None,
    title: str | None = None,
) -> None:
    """Prints a table on stdout.

    `every`: the option that shows all rows; if given, only the first MOST_ROWS are shown. `least`: the number
    of columns that are always shown; the others are shown as far as the width allows.
    """
    out = stdout()
    shown = rows if every is None else rows[:MOST_ROWS]
    count = len(columns)
    while True:
        made = table(columns[:count], [row[:count] for row in shown], total and total[:count], title)
        if least is None or count <= least or width_of(out, made) <= out.width:
            break
        count -= 1
    out.print(made)
    if len(shown) < len(rows):
        note(f"the first {len(shown)} of {len(rows):,} rows; {every} shows all")


def table(
    columns: Sequence[str], rows: Rows, total: Sequence[str] | None = None, title: str | None = None
) -> "Table":
    """A Rich table in which figures are never broken over lines."""
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        cells = [row[number] for row in (*rows, *([total] if total else ()))]
        figures = any(cells) and all(FIGURE.fullmatch(cell.split(" ")[0]) for cell in cells if cell)
        made.add_column(
            Text(column), justify="right" if figures else "left", no_wrap=figures, overflow="fold"
        )
    for row in rows:
        made.add_row(*map(Text, row))
    if total:
        made.add_section()
        made.add_row(*(Text(cell, style="bold") for cell in total))
    return made


def width_of(console: "Console", made: Any) -> int:
    """The width in terminal columns that a renderable takes without wrapping."""
    from rich.measure import Measurement

    unlimited = console.options.update(max_width=10_000)
    return Measurement.get(console, unlimited, made).maximum
