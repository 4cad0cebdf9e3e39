"""A job's progress on the terminal, or a line a minute where there is none."""

import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.commands.output import CommandError, note, stderr

LOG_EVERY_S = 60.0
STEP_NAMES = {"subjects": "lists of subjects", "syllabi": "syllabi"}


def watch(api: Any, job_id: str) -> dict[str, Any]:
    """Follows a job's events until it has ended and returns it; raises CommandError when they break off."""
    console = stderr()
    view = _Live(console) if console.is_terminal else _Log(console)
    with view, api.events(f"/v1/jobs/{job_id}/events") as events:
        for event, job in events:
            if event == "end":
                view.last(job)
                return job
            view.show(job)
    raise CommandError(f"the service ended; job {job_id} goes on when the command is repeated")


def follow(api: Any, job_id: str) -> dict[str, Any]:
    """Shows a job's progress until it ends; Ctrl-C pauses it, a second one leaves at once."""
    try:
        return watch(api, job_id)
    except KeyboardInterrupt:
        note(f"pausing job {job_id}: finishing what is in flight; Ctrl-C again leaves at once")
    api.post(f"/v1/jobs/{job_id}:pause")
    return watch(api, job_id)


class _Live:
    """Bars, redrawn in place."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[detail]}"),
            console=console,
        )
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> None:
        self._progress.start()

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

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
            detail = (
                f"{_failed(ledger['failed'])} {job['spent']['calls']} calls, {job['spent']['tokens']} tokens"
            )
            self._set("instructions", done, ledger["requested"], detail)

    last = show

    def _set(self, name: str, done: int, total: int, detail: str) -> None:
        if name not in self._tasks:
            self._tasks[name] = self._progress.add_task(name, total=total, detail="")
        self._progress.update(self._tasks[name], completed=done, total=total, detail=detail.strip())


class _Log:
    """One line at the start, a line a minute, one at the end."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next = 0.0

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        return None

    def show(self, job: dict[str, Any]) -> None:
        """A new state of the job."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + LOG_EVERY_S
            self.last(job)

    def last(self, job: dict[str, Any]) -> None:
        """A state that is printed whenever it comes."""
        ledger = ", ".join(f"{count} {name}" for name, count in job["ledger"].items())
        spent = f"{job['spent']['calls']} calls, {job['spent']['tokens']} tokens"
        self._console.print(f"job {job['id']} {job['state']}: {ledger}; {spent}", soft_wrap=True)


def _failed(count: int) -> str:
    return f"{count} failed" if count else ""
