"""Shows a job's progress: live on a terminal, elsewhere as one line per minute."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from service.terminal.output import CommandError, note, stderr

if TYPE_CHECKING:
    from service.terminal.client import Api

LOG_EVERY_S = 60.0
STEP_NAMES = {
    "taxonomy": "lists of names",
    "subjects": "lists of subjects",
    "syllabi": "syllabi",
    "pairs": "questions compared",
}


def watch(
    api: "Api", job_id: str, *, quiet: bool = False, seen: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Follows a job's events until it has ended and returns it; raises CommandError if the events break off.

    `seen` is called with every state, and may print.
    """
    console = stderr()
    view = _Silent() if quiet else _Live(console) if console.is_terminal else _Log(console)
    with view, api.events(f"/v1/jobs/{job_id}/events") as events:
        for event, job in events:
            if seen:
                seen(job)
            if event == "end":
                view.last(job)
                return job
            view.show(job)
    raise CommandError(f"the service ended; job {job_id} continues when the command is repeated")


def follow(
    api: "Api", job_id: str, *, quiet: bool = False, seen: Callable[[dict[str, Any]], None] | None = None
) -> dict[str, Any]:
    """Shows a job's progress until it ends; Ctrl-C pauses the job, a second Ctrl-C quits at once."""
    try:
        return watch(api, job_id, quiet=quiet, seen=seen)
    except KeyboardInterrupt:
        note(f"pausing job {job_id}: finishing what is in flight; Ctrl-C again quits at once")
    api.post(f"/v1/jobs/{job_id}:pause")
    return watch(api, job_id, quiet=quiet, seen=seen)


class _Silent:
    """Shows nothing."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, job: dict[str, Any]) -> None:
        """A new state of the job."""

    def last(self, job: dict[str, Any]) -> None:
        """Takes the final state of the job."""


class _Live(_Silent):
    """Progress bars and what the worker is doing, redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}"),
            console=console,
        )
        self._tasks: dict[str, Any] = {}
        self._live = Live(self._bars, console=console, refresh_per_second=4)

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def show(self, job: dict[str, Any]) -> None:
        """A new state of the job."""
        for step, name in STEP_NAMES.items():
            if step in job["steps"]:
                count = job["steps"][step]
                total = count["pending"] + count["done"] + count["failed"]
                self._set(name, total - count["pending"], total, _failed(count["failed"]))
        ledger = job["ledger"]
        if ledger["requested"]:
            done = ledger["accepted"] + ledger["rejected"] + ledger["failed"]
            total = ledger["requested"] + ledger["again"]
            self._set("instructions", done, total, _failed(done - ledger["accepted"]))
        lines = [Text("  " + line, style="dim", overflow="ellipsis", no_wrap=True) for line in told(job)]
        self._live.update(Group(self._bars, *lines))

    last = show

    def _set(self, name: str, done: int, total: int, detail: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(name, total=total, detail="")
        self._bars.update(self._tasks[name], completed=done, total=total, detail=detail)


class _Log(_Silent):
    """Prints one line at the start, one per minute and one at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next = 0.0

    def show(self, job: dict[str, Any]) -> None:
        """A new state of the job."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LOG_EVERY_S
            self.last(job)

    def last(self, job: dict[str, Any]) -> None:
        """Prints a state at once."""
        counts = job["ledger"]
        if step := _alone(job["spec"]):
            units = job["steps"].get(step, {})
            named = {STEP_NAMES[step]: "done", "failed": "failed", "pending": "pending"}
            counts = {name: units.get(state, 0) for name, state in named.items()}
        counted = ", ".join(f"{count} {name}" for name, count in counts.items())
        line = "; ".join([f"job {job['id']} {job['state']}: {counted}", *told(job)])
        self._console.print(line, soft_wrap=True, markup=False)


def _alone(spec: dict[str, Any]) -> str | None:
    """The only step of a job without instructions, whose units are counted instead."""
    return "pairs" if spec.get("test_run") else "taxonomy" if spec.get("steps") == ["taxonomy"] else None


def told(job: dict[str, Any]) -> list[str]:
    """Up to three lines: speed (with failures of calls), cost, and the last error."""
    live = job.get("live")
    lines = [_speed(job, live)] if live else []
    lines.append(_cost(job))
    if live and live["last_error"]:
        lines.append(f"last error: {live['last_error']}")
    return lines


def _speed(job: dict[str, Any], live: dict[str, Any]) -> str:
    trouble = {"429s": live["refusals"], "time-outs": live["timeouts"], "other errors": live["server_errors"]}
    parts = [
        f"{live['samples_per_s']:.1f} samples/s, {live['calls_per_s']:.1f} calls/s",
        f"{live['in_flight']} in flight of {live['concurrency']}",
        *(f"{count} {name}" for name, count in trouble.items() if count),
    ]
    return ", ".join(parts) + _left(job.get("eta"))


def _left(eta: str | None) -> str:
    if eta is None:
        return ""
    left = datetime.fromisoformat(eta) - datetime.now(UTC)
    return f", {timedelta(seconds=max(0, int(left.total_seconds())))} left"


def _cost(job: dict[str, Any]) -> str:
    spent = job["spent"]
    steps = ", ".join(
        f"{step} {usd(part['usd'])}" for step, part in job["spent_by_step"].items() if part["usd"]
    )
    total = f"{spent['calls']:,} calls, {spent['tokens']:,} tokens, {usd(spent['usd'])}"
    return f"{total} ({steps})" if steps else total


def usd(amount: float | None) -> str:
    """An amount in dollars for people to read, or `cost unknown`."""
    if amount is None:
        return "cost unknown"
    return f"${amount:.2f}" if amount >= 1 or not amount else f"${amount:.4f}"


def _failed(count: int) -> str:
    return f"{count} not accepted" if count else ""
