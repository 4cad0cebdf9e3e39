"""The only caller of the Neo4j driver: opens a database, runs named queries, retries."""

import asyncio
import random
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, nullcontext
from copy import copy
from time import monotonic
from typing import Any, Self, TypeVar, cast

import neo4j
from neo4j import exceptions as neo4j_errors

from graph import errors
from graph.database.answers import Answer, Explained, Row, explained, trusted
from graph.database.connection import Address, Connection, Revive, public_address
from graph.database.errors import QueryErrors, translated
from graph.queries import Query, load

T = TypeVar("T")

OLDEST = (5, 26)
# Long enough for deadlocks among many writers to resolve, and for a cluster to elect a leader.
RETRY_S = 10.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 1.0
# A query may itself be what kills the server, so each call revives it at most this many times.
LIVES = 2
ROOM_LOOK_S = 1.0
# The server ends a query that exceeds its time-out, but not in the middle of an expression; after this many
# more seconds we stop waiting.
STOP_S = 2.0
# Enough to keep a server busy. More readers at once would slow down every query, including those of writers,
# which hold locks while they wait; further readers wait here.
READS_AT_ONCE = 16
# A Neo4j identifies itself at once; something else, such as an HTTP port, may never answer.
GREETING_S = 10.0
NAME = load("admin.database")


# The error code when a node that was found is removed before it is locked.
GONE = "Neo.ClientError.Statement.EntityNotFound"


class _Retry(neo4j_errors.DriverError):
    """Makes the transaction run again; it then finds the current state and raises its own errors."""

    def is_retryable(self) -> bool:
        return True


class _QuietMap(dict[str, Any]):
    def __repr__(self) -> str:
        return f"{{{len(self)} values}}"


class _QuietList(list[Any]):
    def __repr__(self) -> str:
        return f"[{len(self)} values]"


def _quiet(params: Row) -> Row:
    """Parameters whose maps and lists have a short repr.

    The driver formats all parameters for its debug log, even if it is off, which takes as long as sending
    them if they are a batch of rows.
    """
    return {name: _quiet_value(value) for name, value in params.items()}


def _quiet_value(value: Any) -> Any:
    match value:
        case dict():
            return _QuietMap(cast(Row, value))
        case list():
            return _QuietList(cast(list[Any], value))
        case _:
            return value


class Transaction:
    """Runs named queries inside one transaction."""

    def __init__(self, transaction: neo4j.AsyncManagedTransaction | neo4j.AsyncSession) -> None:
        self._transaction = transaction

    async def run(self, query: Query, **params: Any) -> list[Row]:
        """All rows of `query`, each a dict of its columns."""
        result = await self._transaction.run(query.text, _quiet(params))
        # Not their `data`: it walks through each value to replace nodes by maps, and no query returns a node.
        names = result.keys()
        return [dict(zip(names, row, strict=True)) for row in await result.values()]

    # Database has `rows` as well, so that code that only reads can run inside a transaction or on its own.
    rows = run

    async def values(self, query: Query, **params: Any) -> list[list[Any]]:
        """All rows of `query` as lists of the driver's own values: faster for large answers."""
        result = await self._transaction.run(query.text, _quiet(params))
        return await result.values()


class Database:
    """An open Neo4j. `revive` brings a dead server back; `room` raises DiskFull while the disk is full."""

    def __init__(
        self, address: Address, revive: Revive | None = None, room: Callable[[], None] | None = None
    ) -> None:
        self._connection = Connection(address, revive)
        self._room = room
        self._waits = False
        self._lanes = asyncio.Semaphore(READS_AT_ONCE)
        self.agent = ""
        """What the server calls itself, such as Neo4j/5.26.0; empty until the database is open."""

    @classmethod
    async def open(
        cls, address: Address, revive: Revive | None = None, room: Callable[[], None] | None = None
    ) -> Self:
        """Connects and checks the server; raises DatabaseUnavailable, whose message says what to do."""
        database = cls(address, revive, room)
        try:
            await database._check_server()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Closes all connections."""
        await self._connection.close()

    def waiting_for_room(self) -> "Database":
        """The same database, but its writes wait while the disk is full, instead of raising DiskFull."""
        patient = copy(self)
        patient._waits = True
        return patient

    def require_room(self) -> None:
        """Raises DiskFull if the disk has too little room for writes."""
        if self._room:
            self._room()

    @property
    def _driver(self) -> neo4j.AsyncDriver:
        return self._connection.driver

    @property
    def _address(self) -> Address:
        return self._connection.address

    @property
    def uri(self) -> str:
        """The address of the database, safe to show."""
        return public_address(self._address.uri)

    async def read(self, query: Query, **params: Any) -> list[Row]:
        """All rows of a read query, run in its own transaction, with retries."""
        return await self.reading(lambda tx: tx.run(query, **params), alone=True)

    rows = read

    async def values(self, query: Query, **params: Any) -> list[list[Any]]:
        """Like `read`, but each row is a list of the driver's own values: faster for large answers."""
        return await self.reading(lambda tx: tx.values(query, **params), alone=True)

    async def write(self, query: Query, **params: Any) -> list[Row]:
        """All rows of a query that writes; its changes are durable when this returns."""
        return await self.writing(lambda tx: tx.run(query, **params))

    async def reading(self, work: Callable[[Transaction], Awaitable[T]], *, alone: bool = False) -> T:
        """Runs `work` in one read transaction and returns its result; retries may run `work` several times.

        `alone`: it is a single statement, which then costs one round trip in place of three. Must not be
        called within another `reading`: both would wait for the same READS_AT_ONCE slots.
        """
        async with self._lanes:
            return await self._managed(neo4j.READ_ACCESS, work, alone)

    async def writing(self, work: Callable[[Transaction], Awaitable[T]], *, once: bool = False) -> T:
        """Runs `work` in one write transaction, durable when this returns, and returns its result.

        Retries may run `work` several times: also, unless it must be done `once`, after a commit whose answer
        was lost, of which nobody can tell whether it was done. Then raises ServerUnreachable, and the caller
        has to look at what there is. Raises DiskFull, with nothing written, if the disk is full.
        """
        while True:
            try:
                self.require_room()
                return await self._managed(neo4j.WRITE_ACCESS, work, once=once)
            except errors.DiskFull:
                if not self._waits:
                    raise
            await asyncio.sleep(ROOM_LOOK_S)

    async def stream(self, query: Query, **params: Any) -> AsyncIterator[Row]:
        """The rows of a read query as they arrive, in bounded memory; without retries."""
        with translated(self.uri):
            async with self._session(self._driver, neo4j.READ_ACCESS) as session:
                result = await session.run(query.text, params)
                async for record in result:
                    yield record.data()

    @asynccontextmanager
    async def answer(
        self,
        text: str,
        params: Mapping[str, Any],
        timeout_s: float,
        admit: Callable[[Explained, str], None] | None = None,
    ) -> AsyncGenerator[Answer]:
        """The answer to a query that a user runs, as it arrives, from one READ transaction with a time-out.

        With `admit` the text is explained first, and `admit` gets its plan and the name of the database; the
        text is not run if it raises. Leaving the context early ends the query at the server.
        Raises Invalid for what Neo4j does not accept, Refused, or TimedOut.
        """
        name: str = (await self.read(NAME))[0]["name"]  # also notices and revives a dead server
        deadline = asyncio.get_running_loop().time() + timeout_s + STOP_S
        with QueryErrors(timeout_s) as said, translated(self.uri):
            async with self._reading_session(name) as session:
                transaction = await session.begin_transaction(timeout=timeout_s)
                try:
                    async with asyncio.timeout_at(deadline):
                        if admit:
                            said.explaining = True
                            admit(await explained(transaction, text, params), name)
                            said.explaining = False
                        result = await transaction.run(trusted(text), dict(params))
                    yield Answer(result, deadline, said, self.uri)
                finally:
                    # Neither commit nor rollback: both would read the rest of the answer first.
                    transaction.cancel()

    async def _managed(
        self,
        access: str,
        work: Callable[[Transaction], Awaitable[T]],
        alone: bool = False,
        *,
        once: bool = False,
    ) -> T:
        """Retries where that may help: after a deadlock, and after a dead server has been started again."""
        with translated(self.uri):
            pauses, lives = _pauses(), LIVES
            while True:
                await self._connection.usable()
                driver = self._connection.driver
                try:
                    return await self._attempt(driver, access, work, alone)
                except (neo4j_errors.ServiceUnavailable, neo4j_errors.SessionExpired) as error:
                    if once and isinstance(error, neo4j_errors.IncompleteCommit):
                        raise
                    if lives and await self._connection.revived(driver):
                        lives -= 1
                        continue
                    await _pause(pauses, error)
                except (neo4j_errors.Neo4jError, neo4j_errors.DriverError) as error:
                    await _pause(pauses, error)

    async def _attempt(
        self, driver: neo4j.AsyncDriver, access: str, work: Callable[[Transaction], Awaitable[T]], alone: bool
    ) -> T:
        async def run(transaction: neo4j.AsyncManagedTransaction | neo4j.AsyncSession) -> T:
            try:
                return await work(Transaction(transaction))
            except errors.Outdated as error:
                raise _Retry(str(error)) from error
            except neo4j_errors.ClientError as error:
                if error.code != GONE:
                    raise
                raise _Retry(str(error)) from error

        async with self._session(driver, access) as session:
            if alone:
                # Only reads: of a write whose answer is lost nobody could tell whether it was done.
                return await run(session)
            execute = session.execute_read if access == neo4j.READ_ACCESS else session.execute_write
            # BEGIN goes with the first statement, as in the driver's own `execute_query`, which does not take
            # functions; otherwise each transaction waits for one round trip more.
            with getattr(session, "_pipelined_begin", nullcontext()):
                return await execute(run)

    def _reading_session(self, name: str) -> neo4j.AsyncSession:
        """A session in glan's database, even if the reading user has a different home database."""
        driver: Any = self._connection.reader or self._driver
        return driver.session(database=name, default_access_mode=neo4j.READ_ACCESS)

    def _session(self, driver: Any, access: str) -> neo4j.AsyncSession:
        return driver.session(database=self._address.database, default_access_mode=access)

    async def _check_server(self) -> None:
        try:
            with translated(self.uri):
                async with asyncio.timeout(GREETING_S):
                    info = await self._greeted()
        except TimeoutError:
            raise errors.ServerUnreachable(not_bolt(self.uri)) from None
        self.agent = info.agent
        require_version(info.agent, self.uri)

    async def _greeted(self) -> neo4j.ServerInfo:
        """What the server says about itself; raises ServerTooOld if its protocol is too old."""
        driver: Any = self._driver
        try:
            return await driver.get_server_info()
        except (neo4j_errors.UnsupportedServerProduct, neo4j_errors.ConfigurationError) as error:
            # The server sends its agent only after both sides have agreed on a protocol.
            raise errors.ServerTooOld(too_old(self.uri, "a Neo4j with an older protocol")) from error
        except neo4j_errors.ServiceUnavailable as error:
            if "looks like HTTP" in repr(error) + repr(error.__cause__):
                raise errors.ServerUnreachable(not_bolt(self.uri)) from error
            raise


def not_bolt(uri: str) -> str:
    """The message for a port where no Neo4j speaks Bolt."""
    return (
        f"what listens at {uri} does not respond like Neo4j; NEO4J_URI must name its Bolt port, 7687 "
        "unless configured otherwise, and not its HTTP port 7474"
    )


def too_old(uri: str, agent: str) -> str:
    """The message for a server that is older than glan needs."""
    return (
        f"{uri} is {agent}; glan needs Neo4j 5.26 or newer. Upgrade it, "
        "or leave NEO4J_URI unset to use the embedded one"
    )


def _pauses() -> Iterator[float]:
    """Seconds to wait before each further try, longer each time, until RETRY_S have passed."""
    ends, longest = monotonic() + RETRY_S, SHORTEST_PAUSE_S
    while monotonic() < ends:
        yield random.uniform(longest / 2, longest)
        longest = min(2 * longest, LONGEST_PAUSE_S)


async def _pause(pauses: Iterator[float], error: neo4j_errors.Neo4jError | neo4j_errors.DriverError) -> None:
    """Waits before the next try; raises the error if there is none."""
    seconds = next(pauses, None) if error.is_retryable() else None
    if seconds is None:
        raise error
    await asyncio.sleep(seconds)


def require_version(agent: str, uri: str) -> None:
    """Raises ServerTooOld for an agent such as Neo4j/5.25.1; Neo4j/2025.10.1 is newer than 5.26."""
    match = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if match is None or (int(match[1]), int(match[2])) < OLDEST:
        raise errors.ServerTooOld(too_old(uri, agent))
