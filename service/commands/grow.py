"""`glan grow`: grow subjects, syllabi and instructions below a node, and watch."""

from collections.abc import Generator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated, Any

import typer

from service.commands.node import NodeArgument, UrlOption
from service.terminal.output import AsJson, CommandError, errors, note, print_json

# A job in one of these goes on when its command is repeated.
UNFINISHED = ("planned", "running", "paused", "failed", "over_budget")


class Quota(StrEnum):
    """How the target is spread, as generators.spec has it."""

    equal = "equal"
    combinations = "combinations"
    weight = "weight"
    gaps = "gaps"


def grow(
    node: NodeArgument,
    add: Annotated[int | None, typer.Option(min=1, help="So many instructions more.")] = None,
    per_concept: Annotated[
        float | None, typer.Option(help="Until there are so many times as many instructions as concepts.")
    ] = None,
    total: Annotated[int | None, typer.Option(min=1, help="Until there are so many accepted.")] = None,
    subjects: Annotated[
        int | None, typer.Option(min=1, help="Subjects a discipline; default: all that the lists give.")
    ] = None,
    queries: Annotated[int, typer.Option(min=1, help="Lists of subjects asked for, a discipline.")] = 10,
    sessions: Annotated[int, typer.Option(min=1, max=30, help="Class sessions a syllabus, at most.")] = 30,
    concepts: Annotated[int, typer.Option(min=1, max=8, help="Key concepts a session, about.")] = 5,
    model: Annotated[
        str | None, typer.Option(help="Model name, or the path of a .gguf file to run here.")
    ] = None,
    answer_model: Annotated[str | None, typer.Option(help="Model of the answers.")] = None,
    base_url: Annotated[str | None, typer.Option(help="OpenAI-compatible endpoint.")] = None,
    language: Annotated[str, typer.Option(help="Language to write in.")] = "English",
    seed: Annotated[int | None, typer.Option(help="Passed on to the models.")] = None,
    quota: Annotated[
        Quota,
        typer.Option(help="Spread the target equally, by combinations, by weights, or over gaps first."),
    ] = Quota.equal,
    budget_usd: Annotated[
        float | None, typer.Option(help="Stop before more usd than this are spent.")
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option(min=1, help="Stop before more tokens are used.")
    ] = None,
    budget_calls: Annotated[int | None, typer.Option(min=1, help="Stop before more calls are paid.")] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only say what it would take, and begin nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Begin without asking.")] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No estimate and no progress, errors only.")
    ] = False,
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Grow what is missing below a node: subjects, syllabi, then instructions.

    First it says what that is likely to take, and on a terminal asks before it costs money. Ctrl-C pauses:
    what is in flight is finished and stored. The same command goes on, with a higher budget too. Without
    --add, --per-concept or --total only subjects and syllabi are grown.
    """
    with errors():
        targets = {"add": add, "instructions_per_concept": per_concept, "total": total}
        chosen = {name: value for name, value in targets.items() if value is not None}
        if len(chosen) > 1:
            raise typer.BadParameter("give one of --add, --per-concept and --total")
        if url and base_url:
            raise typer.BadParameter("--base-url belongs to the service at --url; set it there")
        until = {name: value for name, value in chosen.items() if name != "add"}
        spec = {
            "subjects_per_discipline": subjects,
            "queries_per_discipline": queries,
            "sessions_per_syllabus": sessions,
            "concepts_per_session": concepts,
            "add": add,
            "until": until or None,
            "models": {"default": model, "answers": answer_model},
            "language": language,
            "seed": seed,
            "quota": quota.value,
            "budget": _given({"usd": budget_usd, "tokens": budget_tokens, "calls": budget_calls}) or None,
        }
        with _service(spec, base_url, url, quiet=quiet) as api:
            spec["root_id"] = api.node(node)
            if estimate:
                _show_estimate(api, spec, as_json=as_json)
                return
            job = _grow(api, spec, yes=yes, quiet=quiet)
        if as_json:
            print_json(job)
        raise typer.Exit(_exit_code(job))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@contextmanager
def _service(spec: dict[str, Any], base_url: str | None, url: str | None, *, quiet: bool) -> Generator[Any]:
    from service.settings import Settings
    from service.terminal.client import connect

    # Checked as the setting it stands for.
    settings = Settings(openai_base_url=base_url) if base_url else Settings()
    if not (quiet or url or settings.url):
        say_model(settings, spec["models"]["default"])
    with connect(url, settings) as api:
        yield api


def _show_estimate(api: Any, spec: dict[str, Any], *, as_json: bool) -> None:
    from service.terminal.estimates import ask, show
    from service.terminal.output import stdout

    found = ask(api, checked(spec))
    if as_json:
        print_json(found)
    else:
        show(found, stdout())


def _grow(api: Any, spec: dict[str, Any], *, yes: bool, quiet: bool) -> dict[str, Any]:
    from service.commands.job import show_job
    from service.terminal.estimates import agree
    from service.terminal.progress import follow

    body = checked(spec)
    job = go_on(api, body)
    if job is None:
        agree(api, body, yes=yes, quiet=quiet)
        job = api.post("/v1/jobs", body)
    ended = follow(api, job["id"], quiet=quiet)
    if not quiet:
        show_job(ended)
    return ended


def say_model(settings: Any, model: str | None) -> bool:
    """Whether the small local model is about to write; says so in one line."""
    from service.app import model_settings

    small = not (model or settings.model) and model_settings(settings).is_local("questions", {})
    if small:
        note(
            "no OPENAI_API_KEY or OPENAI_BASE_URL: the small local model writes; "
            "it is there to try things out, what it writes is no training data"
        )
    return small


def begin(api: Any, spec: dict[str, Any]) -> dict[str, Any]:
    """The job of this spec that has not ended, resumed, or a new one; asks nothing."""
    body = checked(spec)
    return go_on(api, body) or api.post("/v1/jobs", body)


def checked(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec as a body of a request; raises CommandError."""
    from pydantic import ValidationError

    from generators.spec import JobSpec

    try:
        return JobSpec.model_validate(_given(spec)).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        raise CommandError("; ".join(str(e["msg"]) for e in error.errors())) from None


def go_on(api: Any, body: dict[str, Any]) -> dict[str, Any] | None:
    """The job of this spec that has not ended, resumed, with the budget where one is given; else None."""
    from generators.spec import JobSpec

    key = JobSpec.model_validate(body).key()
    found = api.get("/v1/jobs", state=list(UNFINISHED), spec_key=key, limit=1)["items"]
    # A job that failed with nothing left to do would only fail again: its replies were of no use.
    if not found or (found[0]["state"] == "failed" and not _pending(found[0])):
        return None
    job = found[0]
    note(f"job {job['id']} was begun with the same options: going on with it")
    if job["state"] == "over_budget" and "budget" not in body:
        note("it has reached its budget; give a higher one: --budget-usd, --budget-tokens, --budget-calls")
    changes = {"budget": body["budget"]} if "budget" in body else None
    return api.post(f"/v1/jobs/{job['id']}:resume", changes)


def _pending(job: dict[str, Any]) -> int:
    return sum(count["pending"] for count in job["steps"].values())


def _exit_code(job: dict[str, Any]) -> int:
    from service.terminal.output import DONE, FAILED, INTERRUPTED, SHORT

    codes = {"done": DONE, "failed": FAILED, "paused": FAILED if job["reason"] else INTERRUPTED}
    return codes.get(job["state"], SHORT)
