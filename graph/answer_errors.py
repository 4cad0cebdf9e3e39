"""What Neo4j says against a query of a user's own, as errors that say what to do."""

import re
from types import TracebackType
from typing import Final, Self

from neo4j import exceptions as neo4j_errors

from graph import errors
from graph.errors import GraphError

EXPLAIN: Final = "EXPLAIN "
_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: (\d+)\)\)")
_CODES: Final = (
    (re.compile(r"\.Transaction\.(TransactionTimedOut|Terminated|LockClientStopped)"), errors.TimedOut),
    (re.compile(r"\.MemoryPoolOutOfMemoryError|\.StackOverFlowError|\.OutOfMemoryError"), errors.Invalid),
    (re.compile(r"^Neo\.ClientError\.Security\.Forbidden|\.AccessMode"), errors.Refused),
)


class translated:
    """Errors of a query that had `timeout_s` seconds; what is no fault of the query goes on as it is."""

    def __init__(self, timeout_s: float) -> None:
        self.explaining = False
        self._timeout_s = timeout_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, TimeoutError):
            raise _timed_out(self._timeout_s) from error
        cause = error.__cause__ if isinstance(error, GraphError) else None
        if isinstance(cause, neo4j_errors.Neo4jError) and type(error) in (GraphError, errors.Conflict):
            raise self._translation(cause) from cause

    def _translation(self, error: neo4j_errors.Neo4jError) -> GraphError:
        message = error.message or error.code or ""
        message = at_its_place(message) if self.explaining else message
        return _meaning(error.code or "", message, self._timeout_s)


def _meaning(code: str, message: str, timeout_s: float) -> GraphError:
    kind = next((kind for pattern, kind in _CODES if pattern.search(code)), None)
    if kind is errors.TimedOut:
        return _timed_out(timeout_s)
    if kind is errors.Refused:
        return errors.Refused(f"refused: {message}")
    if kind is errors.Invalid:
        return errors.Invalid(
            f"the query needs more memory than one query may take ({message}): collect, sort or pair fewer "
            "rows at once"
        )
    if code.startswith("Neo.TransientError."):
        return errors.DatabaseUnavailable(f"Neo4j could not run the query just now; try again ({message})")
    return errors.Invalid(f"Neo4j: {message}")


def _timed_out(timeout_s: float) -> errors.TimedOut:
    return errors.TimedOut(
        f"the query took longer than {timeout_s:g} s: begin at a node with an index, such as "
        "(n:TaxonomyNode {id: $id}), or give it more time with timeout_s"
    )


def at_its_place(message: str) -> str:
    """A message about an explained text, with the positions of the text itself."""

    def moved(match: re.Match[str]) -> str:
        line, column, offset = map(int, match.groups())
        column -= len(EXPLAIN) if line == 1 else 0
        return f"(line {line}, column {max(column, 1)} (offset: {max(offset - len(EXPLAIN), 0)}))"

    message = _POSITION.sub(moved, message).replace(f'"{EXPLAIN}', '"', 1)
    lines = message.split("\n")
    # Neo4j puts a caret below the line it quotes.
    if lines[-1].strip() == "^" and "(line 1," in message:
        lines[-1] = lines[-1][len(EXPLAIN) :]
    return "\n".join(lines)
