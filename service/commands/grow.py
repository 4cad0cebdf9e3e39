"""`glan grow`: grow subjects, syllabi and instructions below a node, and watch."""

from typing import Annotated, Any

import typer

from service.commands.node import NodeArgument, UrlOption
from service.commands.output import AsJson, CommandError, errors, note, print_json


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
    url: UrlOption = None,
    as_json: AsJson = False,
) -> None:
    """Grow what is missing below a node: subjects, syllabi, then instructions.

    Ctrl-C pauses: what is in flight is finished and stored. The same command goes on. Without --add,
    --per-concept or --total only subjects and syllabi are grown.
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
        }
        job = _grow(node, spec, base_url, url)
        if as_json:
            print_json(job)
        raise typer.Exit(_exit_code(job))


def _grow(node: str, spec: dict[str, Any], base_url: str | None, url: str | None) -> dict[str, Any]:
    from service.commands.client import connect
    from service.commands.job import show_job
    from service.commands.progress import follow
    from service.settings import Settings

    changes = {"openai_base_url": base_url} if base_url else {}
    settings = Settings().model_copy(update=changes)
    if not (url or settings.url):
        say_model(settings, spec["models"]["default"])
    with connect(url, settings) as api:
        spec["root_id"] = api.node(node)
        job = begin(api, spec)
        ended = follow(api, job["id"])
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
    """The job of this spec that has not ended, resumed, or a new one."""
    from pydantic import ValidationError

    from generators.spec import JobSpec

    try:
        checked = JobSpec.model_validate({k: v for k, v in spec.items() if v is not None})
    except ValidationError as error:
        raise CommandError("; ".join(str(e["msg"]) for e in error.errors())) from None
    states = ["planned", "running", "paused", "failed"]
    found = api.get("/v1/jobs", state=states, spec_key=checked.key(), limit=1)["items"]
    # A job that failed with nothing left to do would only fail again: its replies were of no use.
    if not found or (found[0]["state"] == "failed" and not _pending(found[0])):
        return api.post("/v1/jobs", checked.model_dump(mode="json", exclude_none=True))
    note(f"job {found[0]['id']} was begun with the same options: going on with it")
    return api.post(f"/v1/jobs/{found[0]['id']}:resume")


def _pending(job: dict[str, Any]) -> int:
    return sum(count["pending"] for count in job["steps"].values())


def _exit_code(job: dict[str, Any]) -> int:
    from service.commands.output import DONE, FAILED, INTERRUPTED, SHORT

    codes = {"done": DONE, "failed": FAILED, "paused": FAILED if job["reason"] else INTERRUPTED}
    return codes.get(job["state"], SHORT)
