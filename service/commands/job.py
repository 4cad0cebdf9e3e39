"""`glan job`: jobs and their progress."""

from typing import TYPE_CHECKING, Any

import typer

from service.commands.options import AsJson, JobArgument, Limit, Url
from service.terminal.frame import Group, answer
from service.terminal.output import say, waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.terminal.client import Api

app = typer.Typer(
    cls=Group,
    help="List, watch, pause, resume and cancel jobs; read their kept replies again.",
    no_args_is_help=True,
)


@app.command("list")
def list_jobs(limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """List the jobs, newest first."""

    def show(page: dict[str, Any]) -> None:
        from service.commands.node import say_more
        from service.terminal.tables import print_table

        print_table(
            ("job", "state", "requested", "accepted", "failed", "pending", "created"),
            [
                [j["id"], j["state"], *(f"{j['ledger'][name]:,}" for name in counted), j["created_at"][:19]]
                for j in page["items"]
            ],
            least=5,
        )
        say_more(page, limit)

    counted = ("requested", "accepted", "failed", "pending")
    answer(lambda api: api.get("/v1/jobs", limit=limit), show, url, as_json)


@app.command()
def show(job: JobArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Show one job: what came of it, what failed and why, and what it cost."""
    _show_after(lambda api: api.get(f"/v1/jobs/{job}"), url, as_json)


def _show_after(ask: "Callable[[Api], Any]", url: str | None, as_json: bool, *, works: bool = False) -> None:
    """Prints the job that `ask` returns, and the subjects that it asked for but did not get."""
    from service.terminal.closing import closing, missing

    lines: list[str] = []

    def asked(api: "Api") -> Any:
        found = ask(api)
        lines.extend([] if as_json else [*closing(found), *missing(api, found)])
        return found

    def show_lines(_: Any) -> None:
        for line in lines:
            say(line)

    answer(asked, show_lines, url, as_json, works=works)


@app.command()
def watch(job: JobArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Follow a job that runs elsewhere until it ends; Ctrl-C only stops watching."""
    from service.terminal.progress import watch as watch_events

    _show_after(lambda api: watch_events(api, job), url, as_json)


@app.command()
def pause(job: JobArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Pause a job: what is in flight is finished and stored."""
    _show_after(lambda api: api.post(f"/v1/jobs/{job}:pause"), url, as_json)


@app.command()
def resume(job: JobArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Resume a job: in the service, or here until it ends."""
    from service.settings import Settings
    from service.terminal.progress import follow

    here = not (url or Settings().url)

    def ask(api: "Api") -> Any:
        changed = api.post(f"/v1/jobs/{job}:resume")
        return follow(api, job) if here else changed

    _show_after(ask, url, as_json, works=here)


@app.command()
def cancel(job: JobArgument, url: Url = None, as_json: AsJson = False) -> None:
    """End a job for good; what it made stays."""
    _show_after(lambda api: api.post(f"/v1/jobs/{job}:cancel"), url, as_json)


@app.command()
def reparse(job: JobArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Read the replies that could not be used with today's parser; no model is called, nothing is paid."""

    def ask(api: "Api") -> Any:
        with waiting("reading the kept replies"):
            return api.post(f"/v1/jobs/{job}:reparse")

    def show(report: dict[str, Any]) -> None:
        say(f"{report['examined']} kept replies read")
        for step, count in report["recovered"].items():
            say(f"  {count} recovered: {step}")
        for reason, count in report["failed"].items():
            say(f"  {count} still unusable: {reason}")
        if report["waiting"]:
            what = "their answers" if report["recovered"].keys() == {"questions"} else "what comes next"
            say(f"  {report['waiting']} wait for {what}: glan job resume {job}")

    answer(ask, show, url, as_json)
