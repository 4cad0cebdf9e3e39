"""A connection to one Neo4j: its address and driver, and a new driver once a dead server is back."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, cast

import neo4j
from neo4j import exceptions as neo4j_errors

from graph import errors

SCHEMES = [f"{scheme}{security}" for scheme in ("bolt", "neo4j") for security in ("", "+s", "+ssc")]
# How long a request waits for a server that is being started; a recovery may take longer.
AWAIT_START_S: Final = 30.0


@dataclass(frozen=True)
class Address:
    """Where a Neo4j is and how to log in; `reader` is the user and password for users' own queries."""

    uri: str
    username: str
    password: str
    database: str | None = None
    reader: tuple[str, str] | None = None


def public_address(uri: str) -> str:
    """An address that is safe to show: only scheme, host and port, because people put passwords into URIs."""
    scheme, separator, rest = uri.rpartition("://")
    place = re.split(r"[/?#]", rest.rpartition("@")[2], maxsplit=1)[0]
    return f"{scheme.rpartition('@')[2]}{separator}{place}"


Revive = Callable[[], Awaitable[Address]]
"""Brings a dead server back and returns its new address."""


class Connection:
    """The driver of a Neo4j, and a new one after each restart. Only one revival runs at a time."""

    def __init__(self, address: Address, revive: Revive | None = None) -> None:
        self.address = address
        self.driver = _driver(address)
        self.reader = _reader(address)
        self._revive = revive
        self._revival: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Closes all connections; cancels a revival that is under way."""
        if self._revival is not None:
            self._revival.cancel()
            await asyncio.gather(self._revival, return_exceptions=True)
        await self.driver.close()
        if self.reader:
            await self.reader.close()

    async def usable(self) -> None:
        """Waits while the server is being started; raises the error of the start, or ServerUnreachable."""
        if self._revival is None:
            return
        try:
            await asyncio.wait_for(asyncio.shield(self._revival), AWAIT_START_S)
        except TimeoutError:
            raise errors.ServerUnreachable(
                "the embedded Neo4j had ended and is being started again, which takes a while after many "
                "writes; try again in a few seconds"
            ) from None

    async def revived(self, dead: neo4j.AsyncDriver) -> bool:
        """Waits until the server of the driver `dead` runs again; False if it cannot be revived."""
        if self._revive is None:
            return False
        if self.driver is dead and self._revival is None:
            # In a separate task: the request that noticed may be cancelled while others wait for the revival.
            self._revival = asyncio.create_task(self._start(self._revive), name="revival")
            self._revival.add_done_callback(_heard)
        await self.usable()
        return True

    async def _start(self, revive: Revive) -> None:
        dead = self.driver
        try:
            self.address = await revive()
            self.driver = _driver(self.address)
        finally:
            self._revival = None
        with suppress(neo4j_errors.DriverError, neo4j_errors.Neo4jError, OSError):
            await dead.close()


def _heard(revival: "asyncio.Task[None]") -> None:
    """Retrieves the error of a revival that nobody awaits; the next request that notices tries again."""
    if not revival.cancelled():
        revival.exception()


def _reader(address: Address) -> neo4j.AsyncDriver | None:
    if address.reader is None:
        return None
    username, password = address.reader
    return _driver(replace(address, username=username, password=password))


def _driver(address: Address) -> neo4j.AsyncDriver:
    shown = public_address(address.uri)
    if shown != address.uri.removesuffix("/"):
        # The URI itself is not quoted, because it may contain a password.
        raise errors.DatabaseUnavailable(
            f"NEO4J_URI is an address alone, such as {shown}: put the user into NEO4J_USERNAME and the "
            "password into NEO4J_PASSWORD"
        )
    if shown.partition("://")[0] not in SCHEMES:
        raise errors.DatabaseUnavailable(
            f"NEO4J_URI={shown} must begin with bolt:// or neo4j://, such as bolt://127.0.0.1:7687; "
            "leave it unset to use the embedded Neo4j"
        )
    drivers = cast(Any, neo4j.AsyncGraphDatabase)  # its keyword arguments are untyped
    try:
        return drivers.driver(
            shown,
            auth=(address.username, address.password),
            # Database retries: the driver would wait a second after a deadlock, 15 s for a dead server.
            max_transaction_retry_time=-1,
            notifications_min_severity="OFF",
            user_agent="glan",
        )
    except (neo4j_errors.ConfigurationError, ValueError) as error:
        raise errors.DatabaseUnavailable(f"NEO4J_URI={shown}: {error}") from error
