"""The estimate that `glan grow` shows before it begins."""

import sys
from typing import TYPE_CHECKING, Any

import typer

from service.terminal.output import print_json, stderr, stdout

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from service.terminal.client import Api

JOBS = "/v1/jobs:estimate"
UNITS = ((1_000_000_000, " G"), (1_000_000, " M"), (1_000, " k"))
FIGURES = {"calls": "calls", "prompt_tokens": "tokens in", "completion_tokens": "tokens out"}


def ask(api: "Api", body: dict[str, Any], path: str = JOBS) -> dict[str, Any]:
    """The estimate of a job."""
    return api.post(path, body)


def agree(api: "Api", body: dict[str, Any], path: str = JOBS, *, yes: bool, quiet: bool = False) -> None:
    """Shows the estimate. If the job may cost money, asks on a terminal and raises Abort if declined."""
    if quiet and not _asks(yes=yes):
        return
    found = ask(api, body, path)
    costs = may_cost(found)
    if costs or not quiet:
        show(found, stderr())
    confirm(yes=yes, costs=costs)


def confirm(*, yes: bool, costs: bool) -> None:
    """Asks on a terminal whether to start what may cost money, and raises Abort if that is declined."""
    if costs and _asks(yes=yes):
        typer.confirm("Start?", abort=True, err=True)


def _asks(*, yes: bool) -> bool:
    return not yes and sys.stdin.isatty() and sys.stderr.isatty()


def print_estimate(found: dict[str, Any], *, as_json: bool) -> None:
    """Prints an estimate as the result of the command."""
    if as_json:
        print_json(found)
    else:
        show(found, stdout())


def may_cost(found: dict[str, Any]) -> bool:
    """Whether the job may cost money: it has a cost, or the cost is unknown."""
    usd = found["total"]["usd"]
    return bool(found["steps"]) and (usd is None or usd["high"] > 0)


def show(found: dict[str, Any], console: "Console") -> None:
    """Prints a table of the steps, how far the combinations reach, and the notes."""
    wrapped = not console.is_terminal
    if found["steps"]:
        console.print(_table(found))
    else:
        console.print("nothing is missing: no calls are expected", soft_wrap=wrapped)
    reach = found["combinations"]
    if reach["capacity"] is not None:
        left = reach["capacity"] - reach["drawn"]
        console.print(
            f"combinations: {reach['wanted']:,} wanted, {left:,} left of {reach['capacity']:,} in "
            f"existing syllabi{_often(reach['laps'])}",
            soft_wrap=wrapped,
        )
    for text in found["notes"]:
        console.print(f"- {text}", markup=False, soft_wrap=wrapped)


def _often(laps: int) -> str:
    return f", each counted {laps:,} times, with other dials" if laps > 1 else ""


def _table(found: dict[str, Any]) -> "Table":
    """A table of the steps one below the other, each with its figures in a single column."""
    from rich.table import Table
    from rich.text import Text

    table = Table("step", "", "likely (range)")
    table.columns[1].no_wrap = table.columns[2].no_wrap = True
    for step in found["steps"]:
        basis = f"from {step['similar']:,} like it" if step["basis"] == "graph" else "from the prompts"
        names = (step["step"], step["model"] or "the endpoint's model", basis, "")
        _add(table, names, _figures(step))
    total = _figures(found["total"])
    if found["seconds"]:
        total["time"] = _range({name: value / 60 for name, value in found["seconds"].items()}) + " min"
    _add(table, ("total", *[""] * len(total)), {name: Text(text, "bold") for name, text in total.items()})
    return table


def _add(table: "Table", names: tuple[str, ...], figures: dict[str, Any]) -> None:
    from rich.text import Text

    for first, (name, figure) in zip(names, figures.items(), strict=False):
        table.add_row(Text(first, overflow="fold"), name, figure)
    table.add_section()


def _figures(use: dict[str, Any]) -> dict[str, str]:
    usd = use["usd"]
    cost = "unknown" if usd is None else _range(usd, "$")
    return {FIGURES[name]: _range(use[name]) for name in FIGURES} | {"cost": cost}


def _range(span: dict[str, float], sign: str = "") -> str:
    """Expected value and range, such as `20 k (16 k to 32 k)`."""
    low, expected, high = (sign + brief(span[name]) for name in ("low", "expected", "high"))
    return expected if low == high else f"{expected} ({low} to {high})"


def brief(value: float) -> str:
    """A figure rounded to two or three significant digits: 0.0042, 1.5, 340, 16 k, 1.2 M."""
    rounded = float(f"{value:.2g}" if value >= 999.5 else f"{value:.3g}")
    for size, unit in UNITS:
        if rounded >= size:
            return f"{_plain(rounded / size)}{unit}"
    return _plain(rounded)


def _plain(value: float) -> str:
    """The number without an exponent or trailing zeros."""
    return f"{value:.10f}".rstrip("0").rstrip(".")
