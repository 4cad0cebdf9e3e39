"""Instructions: pulled by subtree, or one with its lineage."""

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from graph import instructions
from graph.instructions import Filter, Instruction, InstructionStatus, Lineage
from graph.pages import Page
from service.errors import responses
from service.layouts import Layout, lay_out
from service.routes import TheDatabase
from service.routes.nodes import Cursor, Limit, NodeId

router = APIRouter(tags=["instructions"])

NDJSON = "application/x-ndjson"


@router.get(
    "/v1/nodes/{node_id}/instructions",
    response_model=Page[Instruction],
    responses={
        200: {
            "description": "A page; with Accept: application/x-ndjson the whole subtree, an object a line",
            "content": {NDJSON: {"schema": {"$ref": "#/components/schemas/Instruction"}}},
        }
    }
    | responses(404, 406, 422, 503),
)
async def pull(
    database: TheDatabase,
    request: Request,
    node_id: NodeId,
    status: Annotated[
        list[InstructionStatus] | None, Query(description="Only these; default: accepted")
    ] = None,
    strategy: Annotated[Literal["single", "pair"] | None, Query(description="Only drawn this way")] = None,
    since: Annotated[datetime | None, Query(description="Only changed at or after this time")] = None,
    layout: Annotated[Layout, Query(description="How each is laid out")] = Layout.full,
    limit: Limit = 100,
    cursor: Cursor = None,
) -> Response:
    """The instructions of a subtree, each once, in an order that new ones do not disturb."""
    wanted = Filter(tuple(status) if status else (InstructionStatus.accepted,), strategy, since)
    accepted = request.headers.get("accept", "*/*")
    if NDJSON in accepted:
        found = await instructions.pull(database, node_id, wanted, cursor)
        return StreamingResponse(_ndjson(found, layout), media_type=NDJSON)
    if not any(kind in accepted for kind in ("*/*", "application/*", "application/json")):
        raise HTTPException(406, f"this answers application/json or {NDJSON}, not {accepted}")
    page = await instructions.pull_page(database, node_id, wanted, limit, cursor)
    answer: dict[str, Any] = {"items": [lay_out(i, layout) for i in page.items], "next": page.next}
    headers = (
        {"Link": f'<{request.url.include_query_params(cursor=page.next)}>; rel="next"'} if page.next else {}
    )
    return JSONResponse(answer, headers=headers)


async def _ndjson(found: AsyncIterator[Instruction], layout: Layout) -> AsyncIterator[bytes]:
    async for instruction in found:
        yield json.dumps(lay_out(instruction, layout), ensure_ascii=False).encode() + b"\n"


@router.get("/v1/instructions/{instruction_id}", responses=responses(404, 503))
async def get(
    database: TheDatabase, instruction_id: Annotated[str, Path(description="Id of an instruction")]
) -> Lineage:
    """One instruction with all it came from."""
    return await instructions.get(database, instruction_id)
