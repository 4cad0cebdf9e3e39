"""Arguments and options shared by several commands, each described once.

The values of an option are listed here as well as in the graph, because `glan --help` must import neither
pydantic nor the graph. tests/unit/test_terminal.py checks that both agree.
"""

from enum import StrEnum
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON and nothing else on stdout.")]
Url = Annotated[
    str | None,
    typer.Option("--url", metavar="URL", help="Use the service at this address instead of the database."),
]
NodeArgument = Annotated[
    str, typer.Argument(metavar="NODE", help="An id, or a path of names: 'Natural sciences/Physics'.")
]
JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="The job's id.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")]
Limit = Annotated[int, typer.Option(min=1, max=1000, help="Maximum number of rows.")]
Since = Annotated[
    str | None, typer.Option(metavar="TIME", help="Only those changed at or after this time (ISO 8601).")
]
OfJob = Annotated[str | None, typer.Option("--job", metavar="JOB", help="Only what this job produced.")]
InLanguage = Annotated[str | None, typer.Option("--language", help="Only in this language.")]
ByModel = Annotated[
    str | None, typer.Option("--model", help="Only where this model wrote the question or the answer.")
]
ByDial = Annotated[
    list[str] | None,
    typer.Option(
        "--dial",
        metavar="DIAL=VALUE",
        help="Only with this value of a dial, such as difficulty=apply; may be repeated: values of one dial "
        "are alternatives.",
    ),
]


class KindName(StrEnum):
    """Kinds of nodes, from the top down."""

    Taxonomy = "Taxonomy"
    Field = "Field"
    Subfield = "Subfield"
    Discipline = "Discipline"
    Subject = "Subject"
    Syllabus = "Syllabus"
    ClassSession = "ClassSession"
    KeyConcept = "KeyConcept"


class LayoutName(StrEnum):
    """Layouts in which instructions are written."""

    full = "full"
    openai = "openai"
    alpaca = "alpaca"
    sharegpt = "sharegpt"
    prompt_completion = "prompt-completion"
    prompt_completion_messages = "prompt-completion-messages"
    preference = "preference"
    preference_messages = "preference-messages"


class SplitName(StrEnum):
    """Splits of the data."""

    train = "train"
    validation = "validation"
    test = "test"


class SplitByName(StrEnum):
    """What goes into one split as a whole."""

    syllabus = "syllabus"
    discipline = "discipline"
    instruction = "instruction"


class FileFormat(StrEnum):
    """jsonl: one object per line; parquet: one file."""

    jsonl = "jsonl"
    parquet = "parquet"


class StatusName(StrEnum):
    """Statuses of an instruction."""

    accepted = "accepted"
    rejected = "rejected"
    failed = "failed"
    asked = "asked"
    stale = "stale"
    withdrawn = "withdrawn"


class StrategyName(StrEnum):
    """single: concepts of one session; pair: of two sessions; cross: of sessions of two syllabi."""

    single = "single"
    pair = "pair"
    cross = "cross"


class ScopeName(StrEnum):
    """What a token allows."""

    read = "read"
    write = "write"
    generate = "generate"


class CheckName(StrEnum):
    """The checks that are on by default."""

    texts = "texts"
    duplicates = "duplicates"
    contamination = "contamination"


class LevelName(StrEnum):
    """Levels of a taxonomy that are proposed."""

    fields = "fields"
    subfields = "subfields"
    disciplines = "disciplines"
    all_ = "all"


class QuotaName(StrEnum):
    """How a job's target is spread over the disciplines."""

    equal = "equal"
    combinations = "combinations"
    weight = "weight"
    gaps = "gaps"


Strategy = Annotated[
    StrategyName | None,
    typer.Option(help="Only questions on one session (single), on two (pair), or on two syllabi (cross)."),
]
OfSplit = Annotated[SplitName | None, typer.Option("--split", help="Only this split.")]
Splits = Annotated[
    str | None,
    typer.Option(
        metavar="SHARES", help="Shares of the splits, in any proportion: train=90,validation=5,test=5."
    ),
]
SplitBy = Annotated[
    SplitByName | None,
    typer.Option(help="What goes into one split as a whole. Default: syllabus."),
]
ReleaseArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of a release.")]
Licence = Annotated[
    str | None,
    typer.Option(metavar="ID", help="Its licence, for its card, as the hub calls it: cc-by-4.0."),
]


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Those options that have a value."""
    return {name: value for name, value in options.items() if value is not None}
