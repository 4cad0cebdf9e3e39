"""`glan check`: looks through what is there for what does not belong in it, and undoes that."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands import check_rules
from service.commands.options import AsJson, Limit, NodeArgument, Since, Url, Yes, given
from service.terminal.frame import Group, answer
from service.terminal.output import DONE, FAILED, INTERRUPTED, CommandError, note, print_json, say, spinner

if TYPE_CHECKING:
    from collections.abc import Callable

    from service.terminal.client import Api

app = typer.Typer(
    cls=Group,
    help="Look through what is there for duplicates, items of benchmarks, flaws, personal data; undo.",
    no_args_is_help=True,
)

app.command()(check_rules.calibrate)
app.command()(check_rules.rules)

POLL_S = 0.3
LOG_EVERY_S = 60.0
MOST_RULES = 200
WHAT = {
    "duplicates": "are duplicates",
    "contamination": "contain items of benchmarks",
    "texts": "have flaws that can be seen",
    "safety": "have personal data",
    "judge": "are not fit to learn from",
}
UNFINISHED = ("planned", "running", "paused", "failed")
CheckArgument = Annotated[str, typer.Argument(metavar="CHECK", help="The check's id.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be withdrawn.")]
Flag = Annotated[
    str,
    typer.Option(
        metavar="reject|flag", help="reject: withdraw what is found; flag: only store what was found."
    ),
]


OfJob = Annotated[
    str | None,
    typer.Option(
        "--job",
        metavar="JOB",
        help="Only what this job made, also what was looked at before; compared with later questions, too.",
    ),
]


@app.command()
def duplicates(
    node: NodeArgument,
    since: Since = None,
    job: OfJob = None,
    dry_run: DryRun = False,
    action: Flag = "reject",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw questions below a node that say the same as an earlier one; what differs in a value stays.

    The same command again continues a check that was interrupted. What a check has looked at is skipped by
    the next one.
    """
    chosen = {"kind": "duplicates", "since": since, "job_id": job}
    _run(chosen | {"dry_run": dry_run, "action": action}, node, url, as_json)


@app.command()
def contamination(
    node: NodeArgument,
    benchmark: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this benchmark; may be repeated. Default: all."),
    ] = None,
    since: Since = None,
    dry_run: DryRun = False,
    action: Flag = "reject",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw instructions below a node whose question or answer contains an item of a benchmark.

    After a benchmark was loaded, this looks at everything again that was made before.
    """
    chosen = {"kind": "contamination", "benchmarks": benchmark or None, "since": since}
    _run(chosen | {"dry_run": dry_run, "action": action}, node, url, as_json)


@app.command()
def texts(
    node: NodeArgument,
    since: Since = None,
    dry_run: DryRun = False,
    action: Flag = "reject",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw instructions below a node with a flaw that can be seen, and flag those that may have one.

    Such as a question that refers to its course, or an answer that speaks as a model: by the rules for texts
    that jobs go by, for what was made without them. Only what a rule is sure of is withdrawn.
    """
    _run({"kind": "texts", "since": since, "dry_run": dry_run, "action": action}, node, url, as_json)


@app.command()
def safety(
    node: NodeArgument,
    since: Since = None,
    dry_run: DryRun = False,
    action: Flag = "flag",
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Flag instructions below a node that have personal data: addresses, numbers, IBANs, keys of services.

    What is flagged stays; with --action reject it is withdrawn. Names and postal addresses are not found.
    """
    _run({"kind": "safety", "since": since, "dry_run": dry_run, "action": action}, node, url, as_json)


@app.command()
def judge(
    node: NodeArgument,
    model: Annotated[str | None, typer.Option(help="The model that judges.")] = None,
    part: Annotated[
        list[str] | None,
        typer.Option(metavar="question|answer", help="Only this part; default: both."),
    ] = None,
    budget_usd: Annotated[float | None, typer.Option(help="Pause before more is spent.")] = None,
    budget_tokens: Annotated[int | None, typer.Option(help="Pause before more tokens are used.")] = None,
    budget_calls: Annotated[int | None, typer.Option(help="Pause before more calls are made.")] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Show what it would take, and start nothing.")
    ] = False,
    since: Since = None,
    dry_run: DryRun = False,
    action: Flag = "reject",
    yes: Yes = False,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Withdraw what a second model finds not fit to learn from, once it tells good samples from bad ones.

    This costs calls; what it would cost is shown first. Each verdict is kept: the same model is never asked
    about the same text twice, also not after a dry run.
    """
    budget = given({"usd": budget_usd, "tokens": budget_tokens, "calls": budget_calls})
    options = given({"model": model, "parts": part or None, "budget": budget or None})
    wanted = {"kind": "judge", "since": since, "dry_run": dry_run, "action": action, "judge": options}
    if estimate:
        answer(
            lambda api: api.post("/v1/checks:estimate", given(wanted) | {"node_id": api.node(node)}),
            lambda found: say(_estimated(found)),
            url,
            as_json,
        )
    else:
        _run(wanted, node, url, as_json, agree=lambda api, body: _agree(api, body, yes=yes))


def _agree(api: "Api", body: dict[str, Any], *, yes: bool) -> None:
    """Shows what a judge would take; asks on a terminal, and raises Abort if that is declined."""
    from service.terminal.estimates import confirm

    found = api.post("/v1/checks:estimate", body)
    note(_estimated(found))
    confirm(yes=yes, costs=found["usd"] is None or found["usd"]["high"] > 0)


def _estimated(found: dict[str, Any]) -> str:
    calls, usd = found["calls"], found["usd"]
    tokens = found["prompt_tokens"]["expected"] + found["completion_tokens"]["expected"]
    cost = f"{usd['low']:,.2f} to {usd['high']:,.2f} USD" if usd else "at a price that is not known"
    return (
        f"{found['model']} would judge {found['instructions']:,} instructions: {calls['low']:,} to "
        f"{calls['high']:,} calls, some {tokens:,} tokens, {cost}"
    )


def _run(
    wanted: dict[str, Any],
    node: str,
    url: str | None,
    as_json: bool,
    agree: "Callable[[Api, dict[str, Any]], None] | None" = None,
) -> None:
    from service.terminal.client import connect

    with connect(url, works=True) as api:
        body = given(wanted) | {"node_id": api.node(node)}
        check = _resumed(api, body)
        if check is None:
            if agree:
                agree(api, body)
            check = api.post("/v1/checks", body)
        ended = _followed(api, check["id"])
    if as_json:
        print_json(ended)
    else:
        _show(ended)
    codes = {"done": DONE, "paused": INTERRUPTED}
    raise typer.Exit(codes.get(ended["state"], FAILED))


def _resumed(api: "Api", body: dict[str, Any]) -> dict[str, Any] | None:
    """The unfinished check of the same request, continued; None if there is none."""
    from pydantic import ValidationError

    from graph.quality.checks import CheckSpec

    try:
        key = CheckSpec.model_validate(body).key()
    except ValidationError:
        return None  # the service says what is wrong
    found = api.get("/v1/checks", state=list(UNFINISHED), spec_key=key, limit=1)["items"]
    if not found:
        return None
    note(f"check {found[0]['id']} was begun with the same options: continuing it")
    return api.post(f"/v1/checks/{found[0]['id']}:resume")


def _followed(api: "Api", check_id: str) -> dict[str, Any]:
    """Shows the progress until the check ends; Ctrl-C pauses it, a second one quits at once."""
    try:
        return _watched(api, check_id)
    except KeyboardInterrupt:
        note(f"pausing check {check_id}; Ctrl-C again quits at once")
    api.post(f"/v1/checks/{check_id}:pause")
    return _watched(api, check_id)


def _watched(api: "Api", check_id: str) -> dict[str, Any]:
    from service.terminal.output import stderr

    logged = 0.0 if not stderr().is_terminal else float("inf")
    with spinner("{task.description}") as progress:
        task = progress.add_task("")
        while True:
            check = api.get(f"/v1/checks/{check_id}")
            progress.update(task, description=_line(check))
            if check["state"] not in ("planned", "running"):
                return check
            if time.monotonic() - logged >= LOG_EVERY_S:
                logged = time.monotonic()
                note(f"check {check_id} {check['state']}: {_line(check)}")
            time.sleep(POLL_S)


def _line(check: dict[str, Any]) -> str:
    said = f"{check['looked_at']:,} looked at, {check['found']:,} found, {check['withdrawn']:,} withdrawn"
    return f"{check['phase']}: {said}" if check["phase"] else said


def _show(check: dict[str, Any]) -> None:
    what = WHAT[check["kind"]]
    say(f"check {check['id']} {check['state']}: {check['looked_at']:,} looked at, {check['found']:,} {what}")
    if check["variants"]:
        say(f"  {check['variants']:,} differ from earlier ones in a value or word that matters: they stay")
    say(f"  {_done(check)}")
    if check["reason"]:
        say(f"  {check['reason']}")
    if check["found"] or check["variants"]:
        say(f"  side by side: glan check pairs {check['id']}")
    if check["withdrawn"] > check["restored"]:
        say(f"  to restore them: glan check undo {check['id']}")


def _done(check: dict[str, Any]) -> str:
    if check["state"] == "undone":
        return f"{check['restored']:,} of {check['withdrawn']:,} withdrawn were restored"
    if check["dry_run"]:
        return "a dry run: nothing was withdrawn"
    if check["action"] == "flag":
        return "what was found is flagged; nothing was withdrawn"
    flagged = check["found"] - check["withdrawn"]
    return f"{check['withdrawn']:,} withdrawn{f', {flagged:,} only flagged' if flagged else ''}"


@app.command("list")
def list_checks(limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """List the checks, newest first."""

    def show(page: dict[str, Any]) -> None:
        from service.commands.node import say_more
        from service.terminal.tables import print_table

        print_table(
            ("check", "kind", "state", "looked at", "found", "withdrawn", "rule", "created"),
            [
                [
                    *(c[name] for name in ("id", "kind", "state")),
                    *(f"{c[name]:,}" for name in counted),
                    c["rule"],
                    c["created_at"][:19],
                ]
                for c in page["items"]
            ],
            least=6,
        )
        say_more(page, limit)

    counted = ("looked_at", "found", "withdrawn")
    answer(lambda api: api.get("/v1/checks", limit=limit), show, url, as_json)


@app.command()
def show(check: CheckArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Show one check: how far it is, what it found, what it withdrew."""

    def ask(api: "Api") -> Any:
        found = api.get(f"/v1/checks/{check}")
        if as_json:
            return found
        if found["kind"] == "judge":
            found["judges"] = api.get(f"/v1/checks/{check}/judges")
        if found["kind"] == "duplicates":
            rules = api.get("/v1/rules", limit=MOST_RULES)["items"]
            found["rules"] = [rule for rule in rules if rule["id"] == found["rule"]]
        return found

    def show_all(found: dict[str, Any]) -> None:
        _show(found)
        for rule in found.get("rules", ()):
            check_rules.say_rule(rule)
        for one in found.get("judges", ()):
            _say_judge(one)

    answer(ask, show_all, url, as_json)


def _say_judge(one: dict[str, Any]) -> None:
    usd = one["spent"]["usd"]
    say(
        f"  {one['model']} on {one['part']}s: {one['accept']:,} accept, {one['revise']:,} revise, "
        f"{one['reject']:,} reject, {one['unjudged']:,} unjudged; right about {one['caught']} of "
        f"{one['bad']} bad and {one['kept']} of {one['good']} good samples"
        f"{'' if one['applies'] else ': its verdicts decide nothing'}; {one['spent']['calls']:,} calls"
        f"{'' if usd is None else f', {usd:,.4f} USD'}"
    )


@app.command()
def pairs(check: CheckArgument, limit: Limit = 20, url: Url = None, as_json: AsJson = False) -> None:
    """Show what a check found, as pairs of texts with what differs in them or what matches."""

    def show_pairs(page: dict[str, Any]) -> None:
        from service.commands.node import say_more

        for pair in page["items"]:
            own, other = pair["instruction"], pair["other"]
            span = pair["span"] and f'"{pair["span"]}"'
            said = (
                pair["said"] if pair["kind"] == "TEXT_FLAW" else pair["differs"] or span or pair["said"] or ""
            )
            say(f"{pair['kind']} ({pair['outcome'] or 'not settled'}) {said}".rstrip())
            say(f"  {own['id']}  {' '.join((own['text'] or '').split())}")
            if other:
                say(f"  {other['id']}  {' '.join((other['text'] or 'not there any more').split())}")
        say_more(page, limit)

    answer(lambda api: api.get(f"/v1/checks/{check}/pairs", limit=limit), show_pairs, url, as_json)


@app.command()
def undo(check: CheckArgument, url: Url = None, as_json: AsJson = False) -> None:
    """Restore what a check withdrew, and remove what it has recorded; what was waived stays."""

    def ask(api: "Api") -> Any:
        with spinner("restoring what was withdrawn"):
            return api.post(f"/v1/checks/{check}:undo")

    answer(ask, _show, url, as_json)


@app.command()
def waive(
    instruction: Annotated[str, typer.Argument(metavar="INSTRUCTION", help="Id of an instruction.")],
    reason: Annotated[str, typer.Option(help="Why it stays; kept with your name and the time.")],
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Keep an instruction whatever checks find about it, and restore it if it was withdrawn."""
    if not reason.strip():
        raise CommandError("say why it stays: --reason")

    def show_waiver(found: dict[str, Any]) -> None:
        waiver = found["waiver"]
        who = f"{waiver['by']}, {waiver['at'][:19]}"
        say(f"{found['id']} is {found['status']} and stays: {waiver['reason']} ({who})")

    path = f"/v1/instructions/{instruction}:waive"
    answer(lambda api: api.post(path, {"reason": reason}), show_waiver, url, as_json)
