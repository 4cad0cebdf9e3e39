"""`glan test`: questions that training never gets, and two models compared by them (GLAN-Test)."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from service.commands.options import AsJson, Limit, Url, Yes, given
from service.terminal.frame import Group, answer
from service.terminal.output import CommandError, note, print_json, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from service.terminal.client import Api

app = typer.Typer(
    cls=Group,
    help="Hold questions out of the data, and compare two models by them (GLAN-Test).",
    no_args_is_help=True,
)

TestArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of a test set.")]
RunArgument = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]
BudgetUsd = Annotated[float | None, typer.Option(help="Stop before more US dollars are spent.")]
BudgetTokens = Annotated[int | None, typer.Option(min=1, help="Stop before more tokens are used.")]
BudgetCalls = Annotated[int | None, typer.Option(min=1, help="Stop before more calls are made.")]
Estimate = Annotated[bool, typer.Option("--estimate", help="Show what it would take, and start nothing.")]
ESTIMATES = "/v1/tests:estimate"
PAGE = 1000
PART = 200
"""Lines sent at once."""


class HoldName(StrEnum):
    """What training never gets: combinations of concepts, or all that touch a session in twenty."""

    combinations = "combinations"
    sessions = "sessions"


class ReportFormat(StrEnum):
    """text: columns; markdown: with a picture; svg: the picture alone."""

    text = "text"
    json = "json"
    markdown = "markdown"
    svg = "svg"


@app.command()
def create(
    name: TestArgument,
    under: Annotated[
        str,
        typer.Option(metavar="NODE", help="Draw the questions below this node: id or path."),
    ],
    per_discipline: Annotated[int, typer.Option(min=1, help="Questions in each discipline.")] = 50,
    hold: Annotated[
        HoldName,
        typer.Option(
            help="What training never gets: these combinations of concepts, or, which is harder, all that "
            "touch one class session in twenty."
        ),
    ] = HoldName.combinations,
    answers: Annotated[bool, typer.Option("--answers", help="Also buy reference answers.")] = False,
    model: Annotated[str | None, typer.Option(help="The model that writes.")] = None,
    language: Annotated[str, typer.Option(help="Language to write in.")] = "English",
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_calls: BudgetCalls = None,
    estimate: Estimate = False,
    yes: Yes = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Make a test set: the same number of questions in each discipline, which training never gets.

    Its questions go through the same checks as all others, are in no coverage, pull or release, and become a
    benchmark of its name, so that near-copies of them are kept out of the data. Make it before the data if
    you can. The same command again continues one that is not complete.
    """
    from service.terminal.client import connect
    from service.terminal.closing import exit_code
    from service.terminal.estimates import agree, ask, print_estimate
    from service.terminal.progress import follow

    body: dict[str, Any] = {"name": name, "per_discipline": per_discipline, "hold": hold.value}
    body |= {"answers": answers, "language": language, "models": given({"default": model})}
    body |= _budget(budget_usd, budget_tokens, budget_calls)
    with connect(url, works=not estimate) as api:
        body["node_id"] = api.node(under)
        if estimate:
            print_estimate(ask(api, body, ESTIMATES), as_json=as_json)
            return
        if not _exists(api, name):
            agree(api, body, ESTIMATES, yes=yes)
        found = api.post("/v1/tests", body)
        if found["state"] != "complete":
            changes = {"budget": body["budget"]} if "budget" in body else None
            api.post(f"/v1/jobs/{found['id']}:resume", changes)
        job = follow(api, found["id"])
        found = api.get(_path(name))
    _ended(job)
    if as_json:
        print_json(found)
    else:
        _show(found)
    raise typer.Exit(exit_code(job))


@app.command()
def run(
    name: TestArgument,
    model: Annotated[str, typer.Option(help="The model that is tested; asked where answers are asked for.")],
    against: Annotated[
        str | None, typer.Option(help="The model it is compared with; asked at the default endpoint.")
    ] = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help='Instead of --against: answers made elsewhere, lines of {"id": "...", "answer": "..."}.',
        ),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(help="The model that compares; default: GLAN_JUDGE_MODEL. Best a third, stronger one."),
    ] = None,
    tag: Annotated[
        str, typer.Option(help="Tells checkpoints of the model apart that are served under one name.")
    ] = "",
    against_tag: Annotated[str, typer.Option(help="The same, of the other model.")] = "",
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    budget_calls: BudgetCalls = None,
    estimate: Estimate = False,
    yes: Yes = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Have two models answer a test set, and a judge mark both answers from 1 to 10, in both orders.

    First it shows what that is likely to take, and on a terminal asks. Ctrl-C pauses; the same command
    continues. Answers and verdicts are kept: another run of the same models pays for nothing again.
    """
    from service.terminal.client import connect
    from service.terminal.closing import exit_code
    from service.terminal.progress import follow

    if (against is None) == (answers is None):
        raise typer.BadParameter("say what it is compared with: either --against or --answers")
    body: dict[str, Any] = given({"model": model, "against": against, "judge": judge})
    body |= {"tag": tag, "against_tag": against_tag} | _budget(budget_usd, budget_tokens, budget_calls)
    with connect(url, works=not estimate) as api:
        if answers is not None:
            body["answers"] = _sent(api, name, answers)
        if estimate:
            _show_run_estimate(api.post(f"{_path(name)}/runs:estimate", body), as_json=as_json)
            return
        _agree_run(api, name, body, yes=yes)
        job = follow(api, api.post(f"{_path(name)}/runs", body)["id"])
        path = f"{_path(name)}/runs/{job['id']}"
        found = api.get(path) if as_json else api.content(path, format="text").decode()
    _ended(job)
    if as_json:
        print_json(found)
    else:
        say(found.rstrip())
        say(f"as a page with a picture: glan test report {name} {job['id']} --format markdown -o report.md")
    raise typer.Exit(exit_code(job))


def _sent(api: "Api", name: str, file: Path) -> str:
    """Sends the answers of a file; returns the name they are kept under, which its content gives."""
    import hashlib

    lines = file.read_bytes().splitlines(keepends=True)
    under = f"file-{hashlib.sha256(b''.join(lines)).hexdigest()[:16]}"

    def parts() -> "Iterator[bytes]":
        for start in range(0, len(lines), PART):
            yield b"".join(lines[start : start + PART])

    received = api.upload(f"{_path(name)}/answers", parts(), under=under)
    note(f"{received['answers']:,} answers of {file.name} are kept as {under}")
    if received["empty"]:
        note(f"{received['empty']:,} without a text: errors of the run, as those are that are missing")
    return under


@app.command("list")
def list_tests(url: Url = None, as_json: AsJson = False) -> None:
    """List the test sets."""

    def show_all(found: list[dict[str, Any]]) -> None:
        from service.terminal.tables import print_table

        print_table(
            ("test set", "state", "questions", "disciplines", "hold", "created"),
            [
                [
                    t["name"],
                    t["state"],
                    f"{t['items']:,}",
                    f"{len(t['disciplines']):,}",
                    t["hold"],
                    t["created_at"][:16],
                ]
                for t in found
            ],
            every="--json",
            least=4,
        )

    answer(lambda api: list(api.pages("/v1/tests", limit=PAGE)), show_all, url, as_json)


@app.command()
def show(name: TestArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Show one test set: how many questions it has in each discipline, and what it holds out."""
    answer(lambda api: api.get(_path(name)), _show, url, as_json)


@app.command()
def runs(name: TestArgument, limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """List the runs of a test set, newest first."""

    def show_runs(page: dict[str, Any]) -> None:
        from service.terminal.tables import print_table

        def named(job: dict[str, Any], step: str) -> str:
            return job["resolved"]["steps"].get(step, {}).get("model") or ""

        rows = [
            [
                job["id"],
                job["state"],
                named(job, "answers"),
                job["spec"]["test_run"].get("rival_answers") or named(job, "rival_answers"),
                named(job, "judge_pairs"),
                job["created_at"][:16],
            ]
            for job in page["items"]
        ]
        print_table(("run", "state", "model", "against", "judge", "created"), rows, least=4)

    answer(lambda api: api.get(f"{_path(name)}/runs", limit=limit), show_runs, url, as_json)


@app.command()
def report(
    name: TestArgument,
    run: RunArgument,
    format_: Annotated[ReportFormat, typer.Option("--format", help="How it is written.")] = ReportFormat.text,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write to this file; default: standard output."),
    ] = None,
    url: Url = None,
) -> None:
    """Show what a run found: wins, ties and losses with intervals, by discipline and field.

    Markdown that is written to a file has its picture beside it, as an SVG file of the same name.
    """
    from service.terminal.client import connect

    path = f"{_path(name)}/runs/{run}"
    with connect(url) as api:
        content = api.content(path, format=format_.value)
        if output is None:
            sys.stdout.write(content.decode().rstrip("\n") + "\n")
            return
        if format_ is ReportFormat.markdown:
            picture = output.with_suffix(".svg")
            picture.write_bytes(api.content(path, format="svg"))
            content = _beside(content.decode(), picture.name).encode()
            note(f"wrote {picture}")
    output.write_bytes(content)
    note(f"wrote {output}")


def _beside(text: str, picture: str) -> str:
    """The Markdown with its picture in a file of its own, where many viewers show it."""
    head, _, rest = text.partition("<svg ")
    return f"{head}![Wins, ties and losses by field]({quote(picture)}){rest.partition('</svg>')[2]}"


@app.command()
def export(
    name: TestArgument,
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="Write to this file; -: standard output.")
    ] = "-",
    url: Url = None,
) -> None:
    """Write the questions of a test set as JSON lines: id, question, discipline, field, reference answer.

    Add an "answer" to each line elsewhere, and give the file to glan test run --answers.
    """
    import json

    from service.terminal.client import connect

    with connect(url) as api:
        lines = (json.dumps(one, ensure_ascii=False) + "\n" for one in _items(api, name))
        if output == "-":
            sys.stdout.writelines(lines)
            return
        with Path(output).open("w", encoding="utf-8") as file:
            file.writelines(lines)
    note(f"wrote {output}")


@app.command()
def remove(
    name: TestArgument,
    evidence: Annotated[
        bool,
        typer.Option("--evidence", help="Also remove what shows which instructions match its questions."),
    ] = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Take a test set out of use and remove its benchmark.

    What it held out is never given back: a model that was tested with it must not be trained on it. So its
    questions and class sessions stay out of training, its name stays taken, and its reports can be read.
    """

    def removed(found: dict[str, Any]) -> None:
        say(f"{found['name']} is removed; its {found['items']:,} questions stay out of training")

    answer(lambda api: api.delete(_path(name), evidence=evidence), removed, url, as_json)


def _items(api: "Api", name: str) -> "Iterator[dict[str, Any]]":
    after = ""
    while page := api.get(f"{_path(name)}/items", limit=PAGE, after=after):
        yield from page
        after = page[-1]["id"]


def _path(name: str) -> str:
    return f"/v1/tests/{quote(name, safe='')}"


def _exists(api: "Api", name: str) -> bool:
    try:
        api.get(_path(name))
    except CommandError:
        return False
    return True


def _budget(usd: float | None, tokens: int | None, calls: int | None) -> dict[str, Any]:
    limits = given({"usd": usd, "tokens": tokens, "calls": calls})
    return {"budget": limits} if limits else {}


def _agree_run(api: "Api", name: str, body: dict[str, Any], *, yes: bool) -> None:
    from service.terminal.estimates import confirm

    found = api.post(f"{_path(name)}/runs:estimate", body)
    for line in _told(found):
        note(line)
    confirm(yes=yes, costs=found["usd"] is None or found["usd"] > 0)


def _show_run_estimate(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    for line in _told(found):
        say(line)


def _told(found: dict[str, Any]) -> list[str]:
    from service.terminal.estimates import brief

    usd = "price unknown" if found["usd"] is None else f"about {found['usd']:.2f} USD"
    first = f"{found['questions']:,} questions: up to {found['calls']:,} calls, "
    return [f"{first}about {brief(found['tokens'])} tokens, {usd}", *(f"  {line}" for line in found["notes"])]


def _ended(job: dict[str, Any]) -> None:
    note(f"job {job['id']} {job['state']}" + (f": {job['reason']}" if job["reason"] else ""))


def _show(test: dict[str, Any]) -> None:
    from service.terminal.tables import print_table

    wanted = test["per_discipline"] * len(test["disciplines"])
    state = "not complete" if test["state"] == "making" else test["state"]
    say(f"{test['name']} is {state}: {test['items']:,} questions")
    held = (
        f"{test['sessions']:,} class session{'s' * (test['sessions'] != 1)}"
        if test["hold"] == "sessions"
        else "their combinations of concepts"
    )
    say(f"  held out of training: {held}; wanted: {test['per_discipline']:,} in each discipline")
    if test["state"] == "making":
        say(f"  why: glan job show {test['id']}" + (f" ({wanted:,} wanted so far)" if wanted else ""))
    print_table(("discipline", "questions"), [[d["name"], f"{d['items']:,}"] for d in test["disciplines"]])
    if test["state"] == "complete":
        say("  instructions made before it: glan check contamination NODE --benchmark " + test["name"])
