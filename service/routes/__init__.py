"""REST resources, one file each. They are thin: they validate, call graph or generators, and respond."""

from typing import Annotated, Any

from fastapi import Depends, Request

from graph.database import Database
from service.parts import parts_of


def database_of(request: Request) -> Database:
    """The open database of the running application."""
    return parts_of(request).database


TheDatabase = Annotated[Database, Depends(database_of)]


def caller_of(request: Request) -> str:
    """The name under which changes are recorded: the token's, or `rest` where tokens are not in use."""
    return getattr(request.state, "caller", "rest")


TheCaller = Annotated[str, Depends(caller_of)]


def body_like(example: Any) -> dict[str, Any]:
    """What the OpenAPI document says of a request besides its schema: an example of its body."""
    return {"requestBody": {"content": {"application/json": {"example": example}}}}
