"""`glan job`: the jobs and their ledgers."""

from typing import Annotated, Any

import typer

from service.commands.node import UrlOption
from service.terminal.output import AsJson, errors, print_json, stdout

app = typer.Typer(
    help="List, watch, pause, resume and cancel jobs; read their kept replies again.", no_args_is_help=True
)

JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]


@app.command("list")
def list_jobs(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """List the jobs, the newest first."""
    with errors():
        from rich.table import Table

        from service.terminal.client import connect

        with connect(url) as api:
            page = api.get("/v1/jobs", limit=limit)
        if as_json:
            print_json(page)
            return
        table = Table("job", "state", "requested", "accepted", "failed", "pending", "created")
        for job in page["items"]:
            ledger = job["ledger"]
            counts = [str(ledger[name]) for name in ("requested", "accepted", "failed", "pending")]
            table.add_row(job["id"], job["state"], *counts, job["created_at"][:19])
        stdout().print(table)


@app.command()
def show(job: JobArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Show one job with its ledger and why what failed did."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            found = api.get(f"/v1/jobs/{job}")
        if as_json:
            print_json(found)
        else:
            show_job(found, stdout())


def show_job(job: dict[str, Any], console: Any = None) -> None:
    """A job's state, ledger, reasons and use, as a table; on stderr where no console is given."""
    from rich.table import Table

    from service.terminal.output import stderr
    from service.terminal.progress import told

    out = console or stderr()
    out.print(
        f"job {job['id']}: {job['state']}" + (f" ({job['reason']})" if job["reason"] else ""), markup=False
    )
    table = Table(*job["ledger"])
    table.add_row(*map(str, job["ledger"].values()))
    out.print(table)
    for reason, found in job["reasons"].items():
        out.print(f"  {found['count']} {reason}: {found['meaning']}", markup=False)
        if found["text"]:
            out.print(f"    {found['example']}: {' '.join(found['text'].split())[:120]}", markup=False)
    for step, count in job["steps"].items():
        out.print(f"  {step}: " + ", ".join(f"{n} {state}" for state, n in count.items() if n), markup=False)
    for stratum, planned in job.get("strata", {}).items():
        if planned["moved"] or planned["exhausted"]:
            left = ", nothing of it is left" if planned["exhausted"] else ""
            out.print(
                f"  {stratum}: {planned['planned']} planned, {planned['moved']:+} moved{left}", markup=False
            )
    for line in told(job):
        out.print(f"  {line}", markup=False)
    for change in job["changes"]:
        out.print(f"  went on with {change}", markup=False)


@app.command()
def watch(job: JobArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Follow a job that runs elsewhere until it ends; Ctrl-C only stops watching."""
    with errors():
        from service.terminal.client import connect
        from service.terminal.progress import watch as watch_events

        with connect(url) as api:
            ended = watch_events(api, job)
        if as_json:
            print_json(ended)
        else:
            show_job(ended, stdout())


@app.command()
def pause(job: JobArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Pause a job: what is in flight is finished and stored."""
    _act(job, "pause", url, as_json)


@app.command()
def resume(job: JobArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Let a job go on: in the service, or here until it ends."""
    with errors():
        from service.settings import Settings
        from service.terminal.client import connect
        from service.terminal.progress import follow

        with connect(url) as api:
            changed = api.post(f"/v1/jobs/{job}:resume")
            if not (url or Settings().url):
                changed = follow(api, job)
        _print(changed, as_json)


@app.command()
def cancel(job: JobArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """End a job for good; what it made stays."""
    _act(job, "cancel", url, as_json)


@app.command()
def reparse(job: JobArgument, url: UrlOption = None, as_json: AsJson = False) -> None:
    """Read the replies that could not be used with today's parser; nothing is called or paid."""
    with errors():
        from service.terminal.client import connect

        with connect(url) as api, _waiting("reading the kept replies"):
            report = api.post(f"/v1/jobs/{job}:reparse")
        if as_json:
            print_json(report)
        else:
            _show_report(job, report)


def _waiting(text: str) -> Any:
    from service.terminal.output import stderr

    return stderr().status(text)


def _show_report(job: str, report: dict[str, Any]) -> None:
    out = stdout()
    out.print(f"{report['examined']} kept replies read", markup=False)
    for step, count in report["recovered"].items():
        out.print(f"  {count} recovered: {step}", markup=False)
    for reason, count in report["failed"].items():
        out.print(f"  {count} still unusable: {reason}", markup=False)
    if report["waiting"]:
        out.print(f"  {report['waiting']} wait for their answers: glan job resume {job}", markup=False)


def _act(job: str, action: str, url: str | None, as_json: bool) -> None:
    with errors():
        from service.terminal.client import connect

        with connect(url) as api:
            changed = api.post(f"/v1/jobs/{job}:{action}")
        _print(changed, as_json)


def _print(job: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(job)
    else:
        show_job(job, stdout())
