"""Instructions: all of a subtree, or one with its lineage."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from graph.dials import DialFilter
from graph.errors import Invalid
from graph.instructions import findings_about, instructions, pulls, splits, withdrawal
from graph.instructions.findings_about import Evidence
from graph.instructions.instructions import Filter, Instruction, InstructionStatus, Lineage
from graph.instructions.splits import DEFAULT, Split, SplitBy, Splits
from graph.model import Text
from graph.pages import Page
from service.http.errors import responses
from service.http.head import ASKED_FOR_HEAD
from service.media import pull_answers
from service.media.accept import NDJSON, PARQUET, PullFormat, asked_for
from service.media.layouts import Layout, Style, style
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, Limit, NodeId

router = APIRouter(tags=["instructions"])

FormatParam = Annotated[
    PullFormat | None,
    Query(
        alias="format",
        description="Replaces Accept, for tools that cannot set it; jsonl is the same as ndjson",
    ),
]
SplitParam = Annotated[Split | None, Query(description="Only those of this split")]
Cursors = Annotated[
    bool,
    Query(description="With NDJSON: each line is {cursor, item}, to resume after the last line received"),
]


def _style(
    layout: Annotated[Layout, Query(description="Layout of each instruction")] = Layout.full,
    system: Annotated[
        str | None,
        Query(max_length=20_000, description="Text of a system turn, in layouts that have turns"),
    ] = None,
) -> Style:
    return style(layout, system)


TheStyle = Annotated[Style, Depends(_style)]


def pulled(what: str) -> dict[int | str, dict[str, Any]]:
    """The successful responses of a pull, for the OpenAPI document."""
    instruction = {"$ref": "#/components/schemas/Instruction"}
    with_cursor = {"type": "object", "properties": {"cursor": {"type": "string"}, "item": instruction}}
    return {
        200: {
            "description": f"A page; as {NDJSON} or {PARQUET} {what}",
            "content": {
                NDJSON: {"schema": {"anyOf": [instruction, with_cursor]}},
                PARQUET: {"schema": {"type": "string", "format": "binary"}},
            },
            "headers": {"Link": {"description": 'The next page, rel="next"', "schema": {"type": "string"}}},
        }
    }


def _filter(
    status: Annotated[
        list[InstructionStatus] | None, Query(description="Only these statuses; default: accepted")
    ] = None,
    strategy: Annotated[
        Literal["single", "pair", "cross"] | None, Query(description="Only those drawn with this strategy")
    ] = None,
    since: Annotated[datetime | None, Query(description="Only those changed at or after this time")] = None,
    job_id: Annotated[str | None, Query(description="Only those produced by this job")] = None,
    language: Annotated[str | None, Query(description="Only those in this language, such as English")] = None,
    model: Annotated[
        str | None, Query(description="Only those whose question or answer this model wrote")
    ] = None,
    dial: Annotated[
        list[DialFilter] | None,
        Query(
            description="Only those with this value of a dial, such as difficulty=apply; values of one dial "
            "are alternatives",
            examples=["difficulty=apply"],
        ),
    ] = None,
) -> Filter:
    statuses = tuple(status) if status else (InstructionStatus.accepted,)
    return Filter(statuses, strategy, since, job_id, language, model, tuple(dial or ()))


TheFilter = Annotated[Filter, Depends(_filter)]


def _of_split(
    split: SplitParam = None,
    splits: Annotated[
        str | None,
        Query(
            max_length=200,
            description="Shares of the splits, in any proportion",
            examples=["train=90,validation=5,test=5"],
        ),
    ] = None,
    split_by: Annotated[
        SplitBy | None,
        Query(description="What goes into one split as a whole, as near-duplicates do; default: syllabus"),
    ] = None,
) -> tuple[Splits, Split] | None:
    if split is not None:
        return Splits.parsed(splits or DEFAULT, split_by or SplitBy.syllabus), split
    if splits is not None or split_by is not None:
        raise Invalid("splits and split_by say what the splits are; add split=train, validation or test")
    return None


@router.get(
    "/v1/nodes/{node_id}/instructions",
    response_model=Page[Instruction],
    responses=pulled("the whole subtree from the cursor on") | responses(404, 406, 422, 503),
)
async def pull(
    database: TheDatabase,
    request: Request,
    node_id: NodeId,
    wanted: TheFilter,
    of_split: Annotated[tuple[Splits, Split] | None, Depends(_of_split)],
    written: TheStyle,
    limit: Limit = 100,
    cursor: Cursor = None,
    format_: FormatParam = None,
    cursors: Cursors = False,
) -> Response:
    """The instructions of a subtree, each once, in an order that new ones do not disturb.

    A page with a cursor, or all of them as NDJSON or Parquet, by `Accept` or `format`. `limit` applies
    to pages. With `split`, only those of that split: by the digest of their syllabus, and together with their
    near-duplicates and variants.
    """
    kind = asked_for(request, format_)
    wanted = replace(wanted, pairs=written.pairs)
    sizes = {"first": limit + 1, "largest": limit + 1} if kind is PullFormat.json else {}
    windows = await pulls.of_node(database, node_id, wanted, cursor, **sizes)
    if of_split:
        windows = splits.only(database, windows, *of_split)
    if kind is PullFormat.json:
        return await pull_answers.page(request, windows, written, limit)
    if ASKED_FOR_HEAD in request.scope:
        # Only for accepted instructions can it be told quickly whether anything has changed.
        accepted = set(wanted.statuses) == {"accepted"}
        tag = await pull_answers.tag(database, request) if accepted else {}
        return await pull_answers.head(windows, kind, tag)
    return pull_answers.stream(windows, kind, written, cursors=cursors, name=node_id, tag={})


@router.get("/v1/instructions/{instruction_id}", responses=responses(404, 503))
async def get(
    database: TheDatabase, instruction_id: Annotated[str, Path(description="Id of an instruction")]
) -> Lineage:
    """One instruction with its lineage."""
    return await instructions.get(database, instruction_id)


InstructionId = Annotated[str, Path(description="Id of an instruction")]


@router.get("/v1/instructions/{instruction_id}/evidence", responses=responses(404, 503))
async def evidence(database: TheDatabase, instruction_id: InstructionId) -> Evidence:
    """What checks found about an instruction: what it repeats, varies or contains, by which rule and when."""
    return await findings_about.of(database, instruction_id)


WAIVER = {"reason": "Both are wanted: one asks for the law, the other for its proof."}


class NewWaiver(BaseModel):
    """Why an instruction stays, whatever checks find."""

    model_config = ConfigDict(extra="forbid")

    reason: Text = Field(min_length=1, max_length=2000, description="Why", examples=["Both are wanted."])


@router.post(
    "/v1/instructions/{instruction_id}:waive",
    responses=responses(404, 409, 422, 503),
    openapi_extra=body_like(WAIVER),
)
async def waive(
    database: TheDatabase,
    caller: TheCaller,
    instruction_id: InstructionId,
    wanted: Annotated[NewWaiver, Body()],
) -> Evidence:
    """Has checks leave an instruction as it is, and restores it if one has withdrawn it.

    Kept with who said so, when and why, on what was found as well. The first waiver stays; repeating it
    changes nothing.
    """
    await withdrawal.waive(database, instruction_id, wanted.reason, caller)
    return await findings_about.of(database, instruction_id)
