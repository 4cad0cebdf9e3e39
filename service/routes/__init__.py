"""REST resources, one file each; thin: they validate, call graph or generators, and answer."""

from typing import Annotated

from fastapi import Depends, Request

from graph.database import Database
from service.parts import parts_of


def database_of(request: Request) -> Database:
    """The open database of the running application."""
    return parts_of(request).database


TheDatabase = Annotated[Database, Depends(database_of)]


def caller_of(request: Request) -> str:
    """The name that changes are signed with: the token's, or `rest` where nobody has one."""
    return getattr(request.state, "caller", "rest")


TheCaller = Annotated[str, Depends(caller_of)]
