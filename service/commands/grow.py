"""`glan grow`: grow subjects, syllabi and instructions below a node, and watch."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, CheckName, NodeArgument, QuotaName, Url, Yes, given
from service.terminal.dials import personas, shares
from service.terminal.output import Rejected, note, print_json

if TYPE_CHECKING:
    from service.settings import Settings
    from service.terminal.client import Api

# States from which a job continues when its command is repeated.
UNFINISHED = ("planned", "running", "paused", "failed", "over_budget")
TARGET, SHAPE, CHECKS, MODELS, LIMITS = "How many", "What is grown", "Checks", "Models", "Cost"
DIALS = "Dials: what the questions are like, in shares such as apply=2,analyze=1"


def grow(
    node: NodeArgument,
    add: Annotated[
        int | None, typer.Option(min=1, help="Add this many instructions.", rich_help_panel=TARGET)
    ] = None,
    total: Annotated[
        int | None,
        typer.Option(min=1, help="Stop once this many instructions are accepted.", rich_help_panel=TARGET),
    ] = None,
    per_concept: Annotated[
        float | None,
        typer.Option(
            help="Stop once there are this many accepted instructions per concept, on average.",
            rich_help_panel=TARGET,
        ),
    ] = None,
    quota: Annotated[
        QuotaName,
        typer.Option(
            help="Spread the target equally, by combinations, by weights, or over gaps first.",
            rich_help_panel=TARGET,
        ),
    ] = QuotaName.equal,
    subjects: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Maximum subjects per discipline; default: all that the lists name.",
            rich_help_panel=SHAPE,
        ),
    ] = None,
    queries: Annotated[
        int, typer.Option(min=1, help="Lists of subjects to ask for, per discipline.", rich_help_panel=SHAPE)
    ] = 10,
    sessions: Annotated[
        int,
        typer.Option(min=1, max=30, help="Maximum class sessions per syllabus.", rich_help_panel=SHAPE),
    ] = 30,
    concepts: Annotated[
        int,
        typer.Option(
            min=1, max=8, help="Approximate number of key concepts per session.", rich_help_panel=SHAPE
        ),
    ] = 5,
    language: Annotated[str, typer.Option(help="Language to write in.", rich_help_panel=SHAPE)] = "English",
    skip_check: Annotated[
        list[CheckName] | None,
        typer.Option(
            help="Leave out a check that is on by default; may be repeated.", rich_help_panel=CHECKS
        ),
    ] = None,
    again: Annotated[
        int,
        typer.Option(
            min=0,
            max=3,
            help="How often another question is asked for in place of a rejected one.",
            rich_help_panel=CHECKS,
        ),
    ] = 1,
    difficulty: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES",
            help="What they demand (Bloom): remember, understand, apply, analyze, evaluate, create.",
            rich_help_panel=DIALS,
        ),
    ] = None,
    task: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES",
            help="Kinds of tasks: explanation, calculation, comparison, proof, design, diagnosis, case, "
            "critique, programming, or any other in your words.",
            rich_help_panel=DIALS,
        ),
    ] = None,
    persona: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|graph",
            help="Whoever asks: a line of a file, or a practitioner of another discipline of the graph.",
            rich_help_panel=DIALS,
        ),
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES",
            help="Languages of questions and answers, such as English=0.8,German=0.2.",
            rich_help_panel=DIALS,
        ),
    ] = None,
    format_: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="SHARES",
            help="Forms of the answers: short_answer, essay, steps, list, table, multiple_choice, "
            "true_or_false, code, json, or any other in your words.",
            rich_help_panel=DIALS,
        ),
    ] = None,
    repeats: Annotated[
        int,
        typer.Option(
            min=1,
            max=1000,
            help="How often a combination may be drawn, each time with other values of the dials.",
            rich_help_panel=DIALS,
        ),
    ] = 1,
    cross: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            metavar="SHARE",
            help="Share of the questions that combine two syllabi, 0 to 1; default: none.",
            rich_help_panel=SHAPE,
        ),
    ] = None,
    neighbours: Annotated[
        int,
        typer.Option(
            min=1,
            max=50,
            help="With --cross: with how many others each syllabus is combined, those it goes best with.",
            rich_help_panel=SHAPE,
        ),
    ] = 8,
    model: Annotated[
        str | None,
        typer.Option(
            help="Model name, or the path of a .gguf file to run on this machine.", rich_help_panel=MODELS
        ),
    ] = None,
    answer_model: Annotated[
        str | None, typer.Option(help="Another model for the answers.", rich_help_panel=MODELS)
    ] = None,
    judge: Annotated[
        bool,
        typer.Option(
            "--judge",
            help="Have a second model judge each question before its answer, and each answer.",
            rich_help_panel=MODELS,
        ),
    ] = False,
    judge_model: Annotated[
        str | None,
        typer.Option(
            help="The model that judges, criticises and compares, with --judge or --refine.",
            rich_help_panel=MODELS,
        ),
    ] = None,
    consensus: Annotated[
        bool,
        typer.Option(
            "--consensus",
            help="Where an answer ends in a short final answer, ask for two to five, and reject what they "
            "disagree on.",
            rich_help_panel=MODELS,
        ),
    ] = False,
    refine: Annotated[
        bool,
        typer.Option(
            "--refine",
            help="Have answers criticised and written again, as long as that makes them better.",
            rich_help_panel=MODELS,
        ),
    ] = False,
    compare: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Share of refined answers to compare with their drafts, with --refine; default: 0.05.",
            rich_help_panel=MODELS,
        ),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="OpenAI-compatible endpoint.", rich_help_panel=MODELS)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Seed that is passed on to the models.", rich_help_panel=MODELS)
    ] = None,
    budget_usd: Annotated[
        float | None, typer.Option(help="Stop before more US dollars are spent.", rich_help_panel=LIMITS)
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option(min=1, help="Stop before more tokens are used.", rich_help_panel=LIMITS)
    ] = None,
    budget_calls: Annotated[
        int | None, typer.Option(min=1, help="Stop before more calls are made.", rich_help_panel=LIMITS)
    ] = None,
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate", help="Show what it would take, and start nothing.", rich_help_panel=LIMITS
        ),
    ] = False,
    yes: Yes = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Show neither estimate nor progress, only errors.")
    ] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Grow what is missing below a node: subjects, syllabi, then instructions.

    First it shows what that is likely to take, and on a terminal asks before it costs money. Ctrl-C pauses:
    what is in flight is finished and stored. The same command continues, with a higher budget too. Without
    --add, --per-concept or --total only subjects and syllabi are grown.
    """
    targets = {"add": add, "instructions_per_concept": per_concept, "total": total}
    chosen = given(targets)
    if len(chosen) > 1:
        raise typer.BadParameter("give only one of --add, --per-concept and --total")
    if judge_model and not (judge or refine):
        raise typer.BadParameter("it judges only with --judge or --refine", param_hint="--judge-model")
    if compare is not None and not refine:
        raise typer.BadParameter("there is something to compare only with --refine", param_hint="--compare")
    if url and base_url:
        raise typer.BadParameter("the service at --url has its own endpoint", param_hint="--base-url")
    dials = {
        "difficulty": shares("--difficulty", difficulty),
        "task": shares("--task", task),
        "persona": personas(persona),
        "language": shares("--languages", languages),
        "format": shares("--format", format_),
    }
    until = {name: value for name, value in chosen.items() if name != "add"}
    spec = {
        "subjects_per_discipline": subjects,
        "queries_per_discipline": queries,
        "sessions_per_syllabus": sessions,
        "concepts_per_session": concepts,
        "add": add,
        "until": until or None,
        "models": {"default": model, "answers": answer_model, "judge": judge_model},
        "language": language,
        "checks": {"again": again}
        | dict.fromkeys([check.value for check in skip_check or []], False)
        | _answers_checked(judge=judge, consensus=consensus, refine=refine, compare=compare),
        "dials": given(dials) or None,
        "repeats": repeats,
        "neighbours": neighbours,
        **_strategies(cross),
        "seed": seed,
        "quota": quota.value,
        "budget": given({"usd": budget_usd, "tokens": budget_tokens, "calls": budget_calls}) or None,
    }
    _grow(node, spec, base_url, url, estimate=estimate, yes=yes, quiet=quiet, as_json=as_json)


def _strategies(cross: float | None) -> dict[str, Any]:
    """The rest is single and pair in equal parts, as without crossings."""
    if not cross:
        return {}
    rest = (1 - cross) / 2
    return {"strategies": {"single": rest, "pair": rest, "cross": cross}}


def _answers_checked(*, judge: bool, consensus: bool, refine: bool, compare: float | None) -> dict[str, Any]:
    """The checks that cost calls of their own, if they are wanted."""
    checks: dict[str, Any] = {"judge": {"questions": True, "answers": True}} if judge else {}
    if consensus:
        checks["consensus"] = True
    if refine:
        checks["refine"] = given({"answers": True, "compare": compare})
    return checks


def _grow(
    node: str,
    spec: dict[str, Any],
    base_url: str | None,
    url: str | None,
    *,
    estimate: bool,
    yes: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    from service.settings import Settings
    from service.terminal.client import connect
    from service.terminal.closing import exit_code
    from service.terminal.estimates import ask, print_estimate

    # Invalid values are refused before anything is started.
    checked(spec | {"root_id": node})
    # Validated like the setting that it replaces.
    settings = Settings(openai_base_url=base_url) if base_url else Settings()
    if not (url or settings.url or estimate):
        judged = not spec["checks"].keys().isdisjoint(("judge", "refine"))
        require_models(settings, spec["models"], judge=judged, quiet=quiet)
    with connect(url, settings, works=not estimate) as api:
        body = checked(spec | {"root_id": api.node(node)})
        if estimate:
            print_estimate(ask(api, body), as_json=as_json)
            return
        job = _run(api, body, yes=yes, quiet=quiet)
    if as_json:
        print_json(job)
    raise typer.Exit(exit_code(job))


def _run(api: "Api", body: dict[str, Any], *, yes: bool, quiet: bool) -> dict[str, Any]:
    from service.terminal.closing import missing

    ended = followed(api, body, resumed(api, body), yes=yes, quiet=quiet)
    if not quiet:
        for line in missing(api, ended):
            note(line)
    return ended


def followed(
    api: "Api", body: dict[str, Any], job: dict[str, Any] | None, *, yes: bool, quiet: bool
) -> dict[str, Any]:
    """The job at its end, with its closing lines printed; without a job one is created, once agreed to."""
    from service.terminal.closing import closing
    from service.terminal.estimates import agree
    from service.terminal.progress import follow

    if job is None:
        agree(api, body, yes=yes, quiet=quiet)
    begun: dict[str, Any] = job or api.post("/v1/jobs", body)
    ended = follow(api, begun["id"], quiet=quiet)
    if not quiet:
        for line in closing(ended):
            note(line)
    return ended


def require_models(
    settings: "Settings", chosen: dict[str, str | None], *, judge: bool = False, quiet: bool = False
) -> bool:
    """Whether the small local model will write, which is announced in one line.

    Raises NoEndpoint if a model is missing, before Neo4j is fetched and a job is created.
    """
    from generators.method import EVERY_STEP, STEPS
    from generators.models.registry import require
    from service.app import model_settings

    models = model_settings(settings)
    require(models, chosen, EVERY_STEP if judge else STEPS)
    small = models.name("questions", chosen) is None and models.is_local("questions", chosen)
    if small and not quiet:
        note(
            "no OPENAI_API_KEY or OPENAI_BASE_URL: the small local model writes; "
            "it is there to try things out, and what it writes is not training data"
        )
    return small


def begin(api: "Api", spec: dict[str, Any]) -> dict[str, Any]:
    """The unfinished job of this spec, resumed, or a new one; does not ask for confirmation."""
    body = checked(spec)
    return resumed(api, body) or api.post("/v1/jobs", body)


def checked(spec: dict[str, Any]) -> dict[str, Any]:
    """The spec as the body of a request; raises Rejected if it is invalid."""
    from pydantic import ValidationError

    from generators.spec import JobSpec

    try:
        return JobSpec.model_validate(given(spec)).model_dump(mode="json", exclude_none=True)
    except ValidationError as error:
        problems = [(".".join(map(str, e["loc"])), str(e["msg"])) for e in error.errors()]
        said = "; ".join(problem.removeprefix("Value error, ") for _, problem in problems)
        raise Rejected(said, problems) from None


def resumed(api: "Api", body: dict[str, Any]) -> dict[str, Any] | None:
    """The unfinished job of this spec, resumed with the budget given, if any; None if there is none."""
    from generators.spec import JobSpec

    key = JobSpec.model_validate(body).key()
    found = api.get("/v1/jobs", state=list(UNFINISHED), spec_key=key, limit=1)["items"]
    # A failed job without pending units would only fail again.
    if not found or (found[0]["state"] == "failed" and not _pending(found[0])):
        return None
    job = found[0]
    note(f"job {job['id']} was started with the same options: continuing it")
    if job["state"] == "over_budget" and "budget" not in body:
        note("it has reached its budget; give a higher one: --budget-usd, --budget-tokens, --budget-calls")
    changes = {"budget": body["budget"]} if "budget" in body else None
    return api.post(f"/v1/jobs/{job['id']}:resume", changes)


def _pending(job: dict[str, Any]) -> int:
    return sum(count["pending"] for count in job["steps"].values())
