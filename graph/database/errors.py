"""Turns the driver's errors into ours, which say what to do; the only place that knows both."""

import re
from types import TracebackType
from typing import Final, Self

from neo4j import exceptions as neo4j_errors

from graph import errors
from graph.errors import GraphError

EXPLAIN: Final = "EXPLAIN "
_PANICKED: Final = "critical error, and needs to be restarted"
_POSITION = re.compile(r"\(line (\d+), column (\d+) \(offset: (\d+)\)\)")
_CODES: Final = (
    (re.compile(r"\.Transaction\.(TransactionTimedOut|Terminated|LockClientStopped)"), errors.TimedOut),
    (re.compile(r"\.MemoryPoolOutOfMemoryError|\.StackOverFlowError|\.OutOfMemoryError"), errors.Invalid),
    (re.compile(r"^Neo\.ClientError\.Security\.Forbidden|\.AccessMode"), errors.Refused),
)


class QueryErrors:
    """Explains errors of a user's query that had `timeout_s` seconds; unrelated errors pass unchanged."""

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
            raise self._of_query(cause) from cause

    def _of_query(self, error: neo4j_errors.Neo4jError) -> GraphError:
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
            f"the query needs more memory than one query may use ({message}): collect, sort or combine fewer "
            "rows at once"
        )
    if code.startswith("Neo.TransientError."):
        return errors.DatabaseUnavailable(f"Neo4j could not run the query just now; try again ({message})")
    return errors.Invalid(f"Neo4j: {message}")


def _of_one_statement(error: neo4j_errors.Neo4jError) -> bool:
    """Whether the statement is to blame, which would not do better later."""
    return any(pattern.search(error.code or "") for pattern, _ in _CODES)


def _timed_out(timeout_s: float) -> errors.TimedOut:
    return errors.TimedOut(
        f"the query took longer than {timeout_s:g} s: start from an indexed node, such as "
        "(n:TaxonomyNode {id: $id}), or give it more time with timeout_s"
    )


def at_its_place(message: str) -> str:
    """A message about EXPLAIN and a text, with its positions moved to those in the text alone."""

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


class translated:
    """Turns the driver's errors into those of graph/errors.py."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, neo4j_errors.Neo4jError | neo4j_errors.DriverError):
            raise _translation(self._uri, error) from error


def _translation(uri: str, error: neo4j_errors.Neo4jError | neo4j_errors.DriverError) -> errors.GraphError:
    match error:
        case neo4j_errors.AuthError():
            return errors.WrongPassword(
                f"{uri} refuses the user or password; set NEO4J_USERNAME and NEO4J_PASSWORD, and for queries "
                "of users NEO4J_READ_USERNAME and NEO4J_READ_PASSWORD"
            )
        case neo4j_errors.ServiceUnavailable() | neo4j_errors.SessionExpired():
            return errors.ServerUnreachable(
                f"no Neo4j answers at {uri} ({error}); start it or correct NEO4J_URI, "
                "or leave NEO4J_URI unset to use the embedded one"
            )
        case neo4j_errors.Neo4jError() if (error.code or "").endswith(".TransactionLogError"):
            return errors.DiskFull(
                f"{uri} cannot write its transaction log, so its disk is probably full: make room there and "
                f"restart it ({error.message})"
            )
        case neo4j_errors.Neo4jError() if _PANICKED in (error.message or ""):
            return errors.DatabaseUnavailable(
                f"{uri} answers nothing until it is restarted; its log says why, and most often its disk was "
                "full"
            )
        case neo4j_errors.TransientError() if not _of_one_statement(error):
            return errors.DatabaseUnavailable(
                f"{uri} cannot do this just now, though it was asked again for a while ({error.code}: "
                f"{error.message})"
            )
        case neo4j_errors.ConstraintError():
            return errors.Conflict(f"it exists already: {error.message}")
        case neo4j_errors.Neo4jError() if (error.code or "").endswith("AlreadyExists"):
            return errors.Conflict(f"it exists already: {error.message}")
        case neo4j_errors.BrokenRecordError():
            return errors.Unreadable()
        case neo4j_errors.Neo4jError():
            return errors.GraphError(f"Neo4j: {error.code}: {error.message}")
        case _:
            return errors.GraphError(f"Neo4j driver: {error}")
