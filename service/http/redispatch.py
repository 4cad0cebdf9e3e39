"""Answers requests that name a merged node by its old id, an alias, for the node that it was merged into.

Aliases are looked up only when a node is not found. If its id is an alias, the request goes through the
routes once more with the alias replaced by the node's id: in the path, in the query, and in the fields of the
body that name a node.
"""

import json
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from graph.taxonomy.editing import aliases
from service.parts import parts_of

# Each turn replaces one alias; a request names only a handful of nodes.
MOST_TURNS = 8
# Query parameters that name a node; in a body, fields that end in _id or _ids do.
IN_QUERY = ("under",)
# Key in the scope for the path as requested, before an alias in it was replaced.
ASKED = "glan.asked"


async def again(request: Request, node_id: str) -> Response | None:
    """The response for the node that `node_id` stands for; None if `node_id` is not an alias."""
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
    """The body as the route has read it; a streamed body cannot be read again."""
    if request.method in ("GET", "HEAD", "DELETE") or request.headers.get("content-type") is None:
        return b""
    return await request.body()


def _replaced(scope: Scope, old: str, new: str) -> dict[str, Any]:
    """The request's scope with the id replaced in path and query, without what the router has added."""
    path = "/".join(_segment(part, old, new) for part in scope["path"].split("/"))
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    query = urlencode([(name, new if name in IN_QUERY and value == old else value) for name, value in pairs])
    kept = {name: value for name, value in scope.items() if name not in ("path_params", "route", "endpoint")}
    return kept | {"path": path, "raw_path": quote(path).encode(), "query_string": query.encode()}


def _segment(part: str, old: str, new: str) -> str:
    """A path segment with the id replaced; an action may follow the id, as in 0190:merge."""
    id_, colon, action = part.partition(":")
    return (new if id_ == old else id_) + colon + action


def _body(body: bytes, old: str, new: str) -> bytes:
    """The body with the id replaced in fields that name a node; other text stays, even if it is the same."""
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
    """Sends a changed request through the routes and responds as they do."""

    def __init__(self, request: Request, scope: Scope, body: bytes) -> None:
        super().__init__()
        self._router = request.app.router
        self._scope = scope
        self._sent = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Has the router answer the changed request."""
        messages: list[Message] = [{"type": "http.request", "body": self._sent, "more_body": False}]

        async def once() -> Message:
            return messages.pop() if messages else await receive()

        await self._router(self._scope, once, send)
