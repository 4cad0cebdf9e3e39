"""The one caller of the Neo4j driver: opens a database, runs named queries, tells errors apart."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self, TypeVar, cast

import neo4j
from neo4j import exceptions as neo4j_errors

from graph import errors
from graph.queries import Query

Row = dict[str, Any]
T = TypeVar("T")

OLDEST = (5, 26)
SCHEMES = [f"{scheme}{security}" for scheme in ("bolt", "neo4j") for security in ("", "+s", "+ssc")]
# Long enough for deadlocks among many writers to sort themselves out, short enough that a dead embedded
# server is noticed and started again (see Database._revived).
RETRY_S = 10.0


@dataclass(frozen=True)
class Address:
    """Where a Neo4j is and how to get in."""

    uri: str
    username: str
    password: str
    database: str | None = None


class Transaction:
    """Runs named queries inside one transaction."""

    def __init__(self, transaction: neo4j.AsyncManagedTransaction) -> None:
        self._transaction = transaction

    async def run(self, query: Query, **params: Any) -> list[Row]:
        """All rows of `query`, each a dict of its columns."""
        result = await self._transaction.run(query.text, params)
        return [record.data() async for record in result]

    # What only reads may run inside a transaction or on its own: both have `rows`.
    rows = run


class Database:
    """An open Neo4j. `revive`, where given, brings a dead server back and returns its new address."""

    def __init__(self, address: Address, revive: Callable[[], Awaitable[Address]] | None = None) -> None:
        self._address = address
        self._revive = revive
        self._reviving = asyncio.Lock()
        self._driver = _driver(address)

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

    @property
    def uri(self) -> str:
        """Where the database is."""
        return self._address.uri

    async def read(self, query: Query, **params: Any) -> list[Row]:
        """All rows of a read query, in a retried transaction of its own."""
        return await self.reading(lambda tx: tx.run(query, **params))

    rows = read

    async def write(self, query: Query, **params: Any) -> list[Row]:
        """All rows of a query that writes, durable when this returns."""
        return await self.writing(lambda tx: tx.run(query, **params))

    async def reading(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What `work` returns, in one read transaction; `work` may run several times."""
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

    async def table(self, query: Query, most: int, **params: Any) -> tuple[list[str], list[Row], bool]:
        """Columns, the first `most` rows, and whether there are more."""
        with translated(self._address.uri):
            async with self._session(neo4j.READ_ACCESS) as session:
                result = await session.run(query.text, params)
                rows = [record.data() for record in await result.fetch(most + 1)]
                return list(result.keys()), rows[:most], len(rows) > most

    async def _managed(self, access: str, work: Callable[[Transaction], Awaitable[T]]) -> T:
        try:
            return await self._attempt(access, work)
        except errors.ServerUnreachable:
            if not await self._revived():
                raise
            return await self._attempt(access, work)

    async def _attempt(self, access: str, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def run(transaction: neo4j.AsyncManagedTransaction) -> T:
            return await work(Transaction(transaction))

        with translated(self._address.uri):
            async with self._session(access) as session:
                if access == neo4j.READ_ACCESS:
                    return await session.execute_read(run)
                return await session.execute_write(run)

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


class translated:
    """Turns the driver's errors into ours; the only place that knows both."""

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
                f"{uri} refuses the user or password; set NEO4J_USERNAME and NEO4J_PASSWORD"
            )
        case neo4j_errors.ServiceUnavailable() | neo4j_errors.SessionExpired():
            return errors.ServerUnreachable(
                f"no Neo4j answers at {uri} ({error}); start it or correct NEO4J_URI, "
                "or leave NEO4J_URI unset to use the embedded one"
            )
        case neo4j_errors.ConstraintError():
            return errors.Conflict(f"it is there already: {error.message}")
        case neo4j_errors.Neo4jError() if (error.code or "").endswith("AlreadyExists"):
            return errors.Conflict(f"it is there already: {error.message}")
        case neo4j_errors.Neo4jError():
            return errors.GraphError(f"Neo4j: {error.code}: {error.message}")
        case _:
            return errors.GraphError(f"Neo4j driver: {error}")
