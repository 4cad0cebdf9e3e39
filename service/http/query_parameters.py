"""Refuses query parameters that a route does not take: a misspelt filter would silently select everything.

FastAPI itself ignores unknown parameters, and takes the last value of a parameter that is given twice.
"""

import difflib
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, get_args, get_origin

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

# Maximum number of wrong parameters that are reported.
MOST_NAMED: Final = 20


async def require_known(request: Request) -> None:
    """Dependency of every route; raises RequestValidationError naming wrong parameters and the known ones."""
    if not request.scope["query_string"]:
        return
    takes = _taken(request.scope["route"])
    given = Counter(name for name, _ in request.query_params.multi_items())
    wrong = {name: _wrong(name, times, takes) for name, times in given.items()}
    problems = [_problem(name, text) for name, text in wrong.items() if text]
    if problems:
        raise RequestValidationError(problems[:MOST_NAMED])


def _taken(route: APIRoute) -> dict[str, bool]:
    """The query parameters of a route by name, each with whether it may be repeated."""
    return {
        field.alias: _is_list(field.field_info.annotation)
        for dependant in _with_below(route.dependant)
        for field in dependant.query_params
    }


def _with_below(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for below in dependant.dependencies:
        yield from _with_below(below)


def _is_list(annotation: Any) -> bool:
    return any(get_origin(part) is list for part in (annotation, *get_args(annotation)))


def _wrong(name: str, times: int, takes: dict[str, bool]) -> str | None:
    if name not in takes:
        near = difflib.get_close_matches(name[:100], takes, n=1)
        meant = f"; did you mean {near[0]}?" if near else ";"
        known = f"it takes {', '.join(sorted(takes))}" if takes else "it takes none"
        return f"unknown parameter{meant} {known}"
    if times > 1 and not takes[name]:
        return f"it is given {times} times and may be given once"
    return None


def _problem(name: str, text: str) -> dict[str, Any]:
    return {"type": "extra_forbidden", "loc": ("query", name[:100]), "msg": text, "input": None}
