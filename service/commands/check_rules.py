"""`glan check calibrate` and `glan check rules`: how the rules do on pairs whose answer is known."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.options import AsJson, Limit, Url
from service.terminal.frame import answer
from service.terminal.output import CommandError, say, waiting

if TYPE_CHECKING:
    from service.terminal.client import Api

LABELS = ("duplicate", "variant", "different")
COLUMNS = ("label", "one", "other")
MOST_PAIRS = 5_000


def calibrate(
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Pairs of your own: .csv, .tsv, .jsonl, .json or .parquet with the columns label "
            "(duplicate, variant or different), one and other, and perhaps kind.",
        ),
    ] = None,
    questions: Annotated[
        int, typer.Option(min=0, max=5000, help="Questions of the graph of which pairs are made.")
    ] = 750,
    seed: Annotated[int, typer.Option(min=0, help="Which questions, and how they are changed.")] = 0,
    url: Url = None,
    as_json: AsJson = False,
) -> None:
    """Try the rule for near-duplicates on pairs whose answer is known, and store how it did.

    Pairs come with the rule, are made of the graph's own questions (the same in another form; others that
    differ in a number, a name, a sign), and from a file. No model is called, and no instruction changes.
    """

    def ask(api: "Api") -> Any:
        own = _own(pairs) if pairs else []
        with waiting("trying the rule"):
            body = {"pairs": own, "questions": questions, "seed": seed}
            return api.post("/v1/rules:calibrate", body)

    answer(ask, _show, url, as_json)


def _own(file: Path) -> list[dict[str, Any]]:
    """The pairs of a file; raises CommandError with the row that cannot be used."""
    from graph.errors import Invalid
    from service.benchmarks.rows import read

    found: list[dict[str, Any]] = []
    try:
        for number, row in enumerate(read(file), 1):
            found.append(_pair(file, number, row))
    except (OSError, Invalid) as error:
        raise CommandError(str(error)) from None
    if not found:
        raise CommandError(f"{file.name} has no rows")
    if len(found) > MOST_PAIRS:
        raise CommandError(
            f"{file.name} has {len(found):,} pairs; at most {MOST_PAIRS:,} can be tried at once"
        )
    return found


def _pair(file: Path, number: int, row: dict[str, Any]) -> dict[str, Any]:
    texts = {name: str(row.get(name) or "").strip() for name in (*COLUMNS, "kind")}
    if missing := [name for name in COLUMNS if not texts[name]]:
        raise CommandError(f"{file.name}, row {number}: {', '.join(missing)} missing")
    label = texts["label"].lower()
    if label not in LABELS:
        raise CommandError(f"{file.name}, row {number}: {label!r} is not a label: {', '.join(LABELS)}")
    return {"label": label, "one": texts["one"], "other": texts["other"], "kind": texts["kind"] or "own"}


def _show(rule: dict[str, Any]) -> None:
    from service.terminal.tables import print_table

    found = rule["calibration"]
    rows = [
        [
            *(one[name] for name in ("source", "label", "kind")),
            f"{one['pairs']:,}",
            f"{one['flagged'] / one['pairs']:.3f}",
        ]
        for one in found["classes"]
    ]
    print_table(("pairs", "label", "class", "number", "taken for duplicates"), rows, least=3)
    if found["recall"] is not None:
        say(f"duplicates found: {found['recall']:.1%}")
    say(
        f"false alarms: {found['false_alarms']:,} of {found['different']:,} different questions, "
        f"at most {found['upper']:.3%} with 95 % confidence"
    )
    say(
        f"variants taken for duplicates: {found['lookalike_alarms']:,} of {found['lookalikes']:,}, "
        f"at most {found['lookalike_upper']:.3%}"
    )
    say(f"{rule['id']} {_verdict(found)}")
    for pair in [one for one in found["wrong"] if one["source"] == "own"]:
        say(f"  {pair['label']} ({pair['kind']}) is not how the rule sees it:")
        say(f"    {' '.join(pair['one'].split())}")
        say(f"    {' '.join(pair['other'].split())}")


def _verdict(found: dict[str, Any]) -> str:
    if found["meets"]:
        return f"gives no more than {found['most']:.1%} false alarms"
    if not found["false_alarms"]:
        return (
            f"gave no false alarm, on too few pairs to say that there are no more than {found['most']:.1%}: "
            "grow more questions, or give a file with --pairs"
        )
    return f"may give more than {found['most']:.1%} false alarms"


def rules(limit: Limit = 50, url: Url = None, as_json: AsJson = False) -> None:
    """List the rules that were used so far, with their settings and how they did when they were tried."""

    def show(page: dict[str, Any]) -> None:
        from graph.quality.rules import told
        from service.commands.node import say_more
        from service.terminal.tables import print_table

        rows = [[rule["id"], *_tried(rule["calibration"]), told(rule["settings"])] for rule in page["items"]]
        print_table(("rule", "recall", "false alarms", "tried", "settings"), rows, least=2)
        say_more(page, limit)

    answer(lambda api: api.get("/v1/rules", limit=limit), show, url, as_json)


def _tried(found: dict[str, Any] | None) -> list[str]:
    if found is None:
        return ["", "", ""]
    recall = "" if found["recall"] is None else f"{found['recall']:.1%}"
    return [recall, f"<= {found['upper']:.3%}", found["at"][:10]]


def say_rule(rule: dict[str, Any]) -> None:
    """Prints how a rule did when it was tried."""
    recall, alarms, when = _tried(rule["calibration"])
    if when:
        found = f"{recall} of known duplicates found, " if recall else ""
        say(f"  {rule['id']}: {found}false alarms {alarms}, tried {when}")
    else:
        say(f"  {rule['id']}: not tried on pairs that are known")
