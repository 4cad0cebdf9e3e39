"""Ids of nodes that were merged, wherever a request names one: it is answered for the node they stand for.

Nothing is looked up as long as ids are found. Only where a node is not found, and its id is an alias, does
the request go through the routes once more with the id of the node in its place: in the path, in the query,
and in the fields of the body that name a node.
"""

import json
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from graph.taxonomy import aliases
from service.parts import parts_of

# Each turn replaces an alias; a request names a handful of nodes at most.
MOST_TURNS = 8
# Of the query parameters, those that name a node; of a body, it is the fields that end in _id or _ids.
IN_QUERY = ("under",)
# Where the scope keeps the path that was asked for, before an alias in it was replaced.
ASKED = "glan.asked"


async def again(request: Request, node_id: str) -> Response | None:
    """Answers the request with the node that `node_id` stands for; None where that is no alias."""
    turns: int = request.scope.get("glan.turns", 0)
    if turns == MOST_TURNS:
        return None
    database = parts_of(request).database
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
    query = urlencode([(name, new if name in IN_QUERY and value == old else value) for name, value in pairs])
    kept = {name: value for name, value in scope.items() if name not in ("path_params", "route", "endpoint")}
    return kept | {"path": path, "raw_path": quote(path).encode(), "query_string": query.encode()}


def _segment(part: str, old: str, new: str) -> str:
    """An id may have an action behind it: 0190:merge."""
    id_, colon, action = part.partition(":")
    return (new if id_ == old else id_) + colon + action


def _body(body: bytes, old: str, new: str) -> bytes:
    """The body with another id wherever it names a node; what is text stays, even where it reads the same."""
    try:
        value = json.loads(body) if body else None
    except ValueError:
        return body
    if not isinstance(value, dict):
        return body
    fields = cast(dict[str, Any], value)
    return json.dumps({name: _swapped(name, part, old, new) for name, part in fields.items()}).encode()


def _swapped(name: str, value: Any, old: str, new: str) -> Any:
    if name.endswith("_id"):
        return new if value == old else value
    if name.endswith("_ids") and isinstance(value, list):
        return [new if part == old else part for part in cast(list[Any], value)]
    return value


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
