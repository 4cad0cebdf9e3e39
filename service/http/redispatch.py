"""Ids of nodes that were merged, wherever a request has one: it is answered for the node they stand for.

Nothing is looked up while ids are found. Only where a node is not, and its id is an alias, the request goes
through the routes once more with the id of the node in its place: in the path, the query and the body.
"""

import json
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from graph.database import Database
from graph.taxonomy import aliases

# Each turn replaces an alias; a request names a handful of nodes at most.
MOST_TURNS = 8
# Where the scope keeps the path that was asked for, before an alias in it was replaced.
ASKED = "glan.asked"


async def again(request: Request, node_id: str) -> Response | None:
    """Answers the request with the node that `node_id` stands for; None where that is no alias."""
    turns: int = request.scope.get("glan.turns", 0)
    if turns == MOST_TURNS:
        return None
    database: Database = request.app.state.database
    found = await aliases.resolve(database, [node_id])
    if node_id not in found:
        return None
    scope = _replaced(request.scope, node_id, found[node_id]) | {"glan.turns": turns + 1}
    scope.setdefault(ASKED, request.url.path)
    body = _body(await _read(request), node_id, found[node_id])
    return _Again(request, scope, body)


async def _read(request: Request) -> bytes:
    """The body as the route has read it; one that it streams is not there to be read again."""
    if request.method in ("GET", "HEAD", "DELETE") or request.headers.get("content-type") is None:
        return b""
    return await request.body()


def _replaced(scope: Scope, old: str, new: str) -> dict[str, Any]:
    """The request's scope without what the routes put in, with another id in path and query."""
    path = "/".join(_segment(part, old, new) for part in scope["path"].split("/"))
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, new if value == old else value) for name, value in pairs])
    kept = {name: value for name, value in scope.items() if name not in ("path_params", "route", "endpoint")}
    return kept | {"path": path, "raw_path": quote(path).encode(), "query_string": query.encode()}


def _segment(part: str, old: str, new: str) -> str:
    """An id may have an action behind it: 0190:merge."""
    id_, colon, action = part.partition(":")
    return (new if id_ == old else id_) + colon + action


def _body(body: bytes, old: str, new: str) -> bytes:
    try:
        return json.dumps(_swapped(json.loads(body), old, new)).encode() if body else b""
    except ValueError:
        return body


def _swapped(value: Any, old: str, new: str) -> Any:
    match value:
        case dict():
            return {name: _swapped(part, old, new) for name, part in cast(dict[str, Any], value).items()}
        case list():
            return [_swapped(part, old, new) for part in cast(list[Any], value)]
        case _:
            return new if value == old else value


class _Again(Response):
    """Sends a changed request through the routes and answers what they answer."""

    def __init__(self, request: Request, scope: Scope, body: bytes) -> None:
        super().__init__()
        self._router = request.app.router
        self._scope = scope
        self._sent = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As the routes do."""
        messages: list[Message] = [{"type": "http.request", "body": self._sent, "more_body": False}]

        async def once() -> Message:
            return messages.pop() if messages else await receive()

        await self._router(self._scope, once, send)
