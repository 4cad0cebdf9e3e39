"""The guide for Neo4j Browser: `:play http://localhost:8321/guide`."""

from fastapi import APIRouter, Response
from fastapi.responses import HTMLResponse

from service.browser_guide import HEADERS, page

router = APIRouter(tags=["queries"])


@router.get("/guide", response_class=HTMLResponse)
async def guide() -> HTMLResponse:
    """The named queries as a guide for Neo4j Browser; open to all, for it holds only their texts."""
    return HTMLResponse(page(), headers=HEADERS)


@router.options("/guide", include_in_schema=False)
async def ask_for_guide() -> Response:
    """Browser asks first, because it is served from another port and asks for a fresh page."""
    return Response(headers=HEADERS)
