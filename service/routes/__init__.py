"""REST resources, one file each; thin: they validate, call graph or generators, and answer."""

from typing import Annotated

from fastapi import Depends, Request

from graph.database import Database


def database_of(request: Request) -> Database:
    """The open database of the running application."""
    return request.app.state.database


TheDatabase = Annotated[Database, Depends(database_of)]
