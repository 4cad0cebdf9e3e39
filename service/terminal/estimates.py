"""What `glan grow` is likely to take, shown before it begins."""

import sys
from typing import TYPE_CHECKING, Any

import typer

from service.terminal.output import stderr

if TYPE_CHECKING:
    from rich.console import Console


def ask(api: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The estimate of a job."""
    return api.post("/v1/jobs:estimate", body)


def agree(api: Any, body: dict[str, Any], *, yes: bool, quiet: bool) -> None:
    """Shows the estimate; on a terminal asks where it may cost money, and raises Abort for a no."""
    asks = not yes and sys.stdin.isatty() and sys.stderr.isatty()
    if quiet and not asks:
        return
    found = ask(api, body)
    question = asks and may_cost(found)
    if question or not quiet:
        show(found, stderr())
    if question:
        typer.confirm("Start?", abort=True, err=True)


def may_cost(found: dict[str, Any]) -> bool:
    """Whether it costs money, or nobody knows."""
    usd = found["total"]["usd"]
    return bool(found["steps"]) and (usd is None or usd["high"] > 0)


def show(found: dict[str, Any], console: "Console") -> None:
    """A table of the steps, then how far the combinations reach and what is to be known."""
    from rich.table import Table

    table = Table("step", "model", "calls", "tokens in", "tokens out", "usd", "from")
    for step in found["steps"]:
        basis = f"{step['similar']:,} like it" if step["basis"] == "graph" else "the prompts"
        table.add_row(step["step"], step["model"] or "the endpoint's", *_figures(step), basis)
    if found["steps"]:
        table.add_section()
        table.add_row("total", "", *_figures(found["total"]), "")
        console.print(table)
    else:
        console.print("nothing is lacking: no call is expected")
    reach = found["combinations"]
    if reach["capacity"] is not None:
        left = reach["capacity"] - reach["drawn"]
        console.print(
            f"combinations: {reach['wanted']:,} wanted, {left:,} left of {reach['capacity']:,} in the "
            "syllabi that are there",
            soft_wrap=True,
        )
    for text in found["notes"]:
        console.print(f"- {text}", markup=False, soft_wrap=True)


def _figures(use: dict[str, Any]) -> list[str]:
    counts = [_range(use[name], "{:,.0f}") for name in ("calls", "prompt_tokens", "completion_tokens")]
    return [*counts, "unknown" if use["usd"] is None else _range(use["usd"], _usd_form(use["usd"]))]


def _usd_form(usd: dict[str, float]) -> str:
    """Cents, or as many digits as small sums need."""
    return "{:,.2f}" if usd["high"] >= 1 or not usd["high"] else "{:,.4f}"


def _range(span: dict[str, float], form: str) -> str:
    low, expected, high = (form.format(span[name]) for name in ("low", "expected", "high"))
    return expected if low == high else f"{expected} ({low} to {high})"
