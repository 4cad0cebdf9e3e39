"""The one caller of the Neo4j driver: opens a database, runs named queries, tells errors apart."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Self, TypeVar, cast

import neo4j
from neo4j import exceptions as neo4j_errors

from graph import errors
from graph.database.answers import Answer, Explained, Row, explained, trusted
from graph.database.errors import QueryErrors, translated
from graph.queries import Query, load

T = TypeVar("T")

OLDEST = (5, 26)
SCHEMES = [f"{scheme}{security}" for scheme in ("bolt", "neo4j") for security in ("", "+s", "+ssc")]
# Long enough for deadlocks among many writers to sort themselves out, short enough that a dead embedded
# server is noticed and started again (see Database._revived).
RETRY_S = 10.0
# The server ends a query that is over its time, but not in the middle of one expression; then we leave.
STOP_S = 2.0
# Enough to keep a server busy. A crowd of readers at once would make each query slow, those of writers, who
# hold locks meanwhile, as well; the others wait here.
READS_AT_ONCE = 16
NAME = load("admin.database")


@dataclass(frozen=True)
class Address:
    """Where a Neo4j is and how to get in; `reader`: user and password for what users themselves ask."""

    uri: str
    username: str
    password: str
    database: str | None = None
    reader: tuple[str, str] | None = None


# A node that we had found was removed before we had locked it.
GONE = "Neo.ClientError.Statement.EntityNotFound"


class _Retry(neo4j_errors.DriverError):
    """Run again, the transaction finds what is there now, and says so in its own words."""

    def is_retryable(self) -> bool:
        return True


class _QuietMap(dict[str, Any]):
    def __repr__(self) -> str:
        return f"{{{len(self)} values}}"


class _QuietList(list[Any]):
    def __repr__(self) -> str:
        return f"[{len(self)} values]"


def _quiet(params: Row) -> Row:
    """Parameters whose large ones are not spelled out.

    The driver makes a text of all parameters for its debug log, kept or not: for a batch of rows
    that takes as long as to send it.
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

    def __init__(self, transaction: neo4j.AsyncManagedTransaction) -> None:
        self._transaction = transaction

    async def run(self, query: Query, **params: Any) -> list[Row]:
        """All rows of `query`, each a dict of its columns."""
        result = await self._transaction.run(query.text, _quiet(params))
        return [record.data() async for record in result]

    # What only reads may run inside a transaction or on its own: both have `rows`.
    rows = run

    async def values(self, query: Query, **params: Any) -> list[list[Any]]:
        """All rows of `query` as lists, with nothing done to what is in them: for large ones."""
        result = await self._transaction.run(query.text, _quiet(params))
        return await result.values()


class Database:
    """An open Neo4j. `revive`, where given, brings a dead server back and returns its new address."""

    def __init__(self, address: Address, revive: Callable[[], Awaitable[Address]] | None = None) -> None:
        self._address = address
        self._revive = revive
        self._reviving = asyncio.Lock()
        self._driver = _driver(address)
        self._reader = _reader(address)
        self._lanes = asyncio.Semaphore(READS_AT_ONCE)

    @classmethod
    async def open(cls, address: Address, revive: Callable[[], Awaitable[Address]] | None = None) -> Self:
        """Connects and checks the server; raises DatabaseUnavailable with what to do."""
        database = cls(address, revive)
        try:
            await database._check_server()
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        """Closes all connections."""
        await self._driver.close()
        if self._reader:
            await self._reader.close()

    @property
    def uri(self) -> str:
        """Where the database is."""
        return self._address.uri

    async def read(self, query: Query, **params: Any) -> list[Row]:
        """All rows of a read query, in a retried transaction of its own."""
        return await self.reading(lambda tx: tx.run(query, **params))

    rows = read

    async def values(self, query: Query, **params: Any) -> list[list[Any]]:
        """As read, each row a list, with nothing done to what is in it: for large ones."""
        return await self.reading(lambda tx: tx.values(query, **params))

    async def write(self, query: Query, **params: Any) -> list[Row]:
        """All rows of a query that writes, durable when this returns."""
        return await self.writing(lambda tx: tx.run(query, **params))

    async def reading(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, in one read transaction; `work` may run several times.

        Not to be called within another `reading`: both would wait for the same lanes.
        """
        async with self._lanes:
            return await self._managed(neo4j.READ_ACCESS, work)

    async def writing(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, in one write transaction, durable when this returns; `work` may be retried."""
        return await self._managed(neo4j.WRITE_ACCESS, work)

    async def stream(self, query: Query, **params: Any) -> AsyncIterator[Row]:
        """The rows of a read query as they come, in bounded memory."""
        with translated(self._address.uri):
            async with self._session(neo4j.READ_ACCESS) as session:
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
        """The answer to a query of the users', as it comes, from one READ transaction with a time-out.

        With `admit` the text is explained first, and `admit` is shown its plan and the name of the database;
        what it raises keeps the text from being run. Leaving early ends the query at the server.
        Raises Invalid for what Neo4j does not take, Refused, TimedOut.
        """
        name: str = (await self.read(NAME))[0]["name"]  # also notices and revives a dead server
        deadline = asyncio.get_running_loop().time() + timeout_s + STOP_S
        with QueryErrors(timeout_s) as said, translated(self._address.uri):
            async with self._reading_session(name) as session:
                transaction = await session.begin_transaction(timeout=timeout_s)
                try:
                    async with asyncio.timeout_at(deadline):
                        if admit:
                            said.explaining = True
                            admit(await explained(transaction, text, params), name)
                            said.explaining = False
                        result = await transaction.run(trusted(text), dict(params))
                    yield Answer(result, deadline, said, self._address.uri)
                finally:
                    # Neither commit nor rollback: both would read the rest of the answer first.
                    transaction.cancel()

    async def _managed(self, access: str, work: Callable[[Transaction], Awaitable[T]]) -> T:
        try:
            return await self._attempt(access, work)
        except errors.ServerUnreachable:
            if not await self._revived():
                raise
            return await self._attempt(access, work)

    async def _attempt(self, access: str, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def run(transaction: neo4j.AsyncManagedTransaction) -> T:
            try:
                return await work(Transaction(transaction))
            except errors.Outdated as error:
                raise _Retry(str(error)) from error
            except neo4j_errors.ClientError as error:
                if error.code != GONE:
                    raise
                raise _Retry(str(error)) from error

        with translated(self._address.uri):
            async with self._session(access) as session:
                if access == neo4j.READ_ACCESS:
                    return await session.execute_read(run)
                return await session.execute_write(run)

    def _reading_session(self, name: str) -> neo4j.AsyncSession:
        """In the database that glan is in, also where the user for reading has another home."""
        driver: Any = self._reader or self._driver
        return driver.session(database=name, default_access_mode=neo4j.READ_ACCESS)

    def _session(self, access: str) -> neo4j.AsyncSession:
        driver: Any = self._driver
        return driver.session(database=self._address.database, default_access_mode=access)

    async def _revived(self) -> bool:
        """Starts a dead embedded server again, once for all the callers that noticed."""
        if self._revive is None:
            return False
        noticed = self._driver
        async with self._reviving:
            if self._driver is noticed:
                self._address = await self._revive()
                self._driver = _driver(self._address)
                await noticed.close()
        return True

    async def _check_server(self) -> None:
        with translated(self._address.uri):
            driver: Any = self._driver
            info: neo4j.ServerInfo = await driver.get_server_info()
        require_version(info.agent, self.uri)


def require_version(agent: str, uri: str) -> None:
    """Raises ServerTooOld for a server that calls itself, say, Neo4j/5.25.1; Neo4j/2025.10.1 is newer."""
    match = re.match(r"Neo4j/(\d+)\.(\d+)", agent)
    if match is None or (int(match[1]), int(match[2])) < OLDEST:
        raise errors.ServerTooOld(
            f"{uri} is {agent}; glan needs Neo4j 5.26 or newer. Upgrade it, "
            "or leave NEO4J_URI unset to use the embedded one"
        )


def _reader(address: Address) -> neo4j.AsyncDriver | None:
    if address.reader is None:
        return None
    username, password = address.reader
    return _driver(replace(address, username=username, password=password))


def _driver(address: Address) -> neo4j.AsyncDriver:
    if address.uri.partition("://")[0] not in SCHEMES:
        raise errors.DatabaseUnavailable(
            f"NEO4J_URI={address.uri} is to begin with bolt:// or neo4j://, such as bolt://127.0.0.1:7687, "
            "or be unset to use the embedded one"
        )
    drivers = cast(Any, neo4j.AsyncGraphDatabase)  # its keyword arguments are untyped
    try:
        return drivers.driver(
            address.uri,
            auth=(address.username, address.password),
            max_transaction_retry_time=RETRY_S,
            notifications_min_severity="OFF",
            user_agent="glan",
        )
    except (neo4j_errors.ConfigurationError, ValueError) as error:
        raise errors.DatabaseUnavailable(f"NEO4J_URI={address.uri}: {error}") from error
