"""Opens the Neo4j to use: the user's where NEO4J_URI is set, else the embedded one."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from graph import store_size
from graph.database import Address, Database, schema
from graph.embedded.attach import Attachment, EmbeddedConfig, attach
from graph.embedded.reserve import Reserve
from graph.embedded.store_files import StoreFiles
from graph.store_size import Share
from service.settings import Settings
from service.startup import StartupProgress

log = logging.getLogger("glan")


def embedded_config(settings: Settings) -> EmbeddedConfig:
    """The part of the settings that the embedded Neo4j needs."""
    return EmbeddedConfig(
        home=settings.home,
        cache=settings.cache,
        maven_url=settings.maven_url,
        port=settings.neo4j_port,
        heap=settings.neo4j_heap,
        page_cache=settings.neo4j_page_cache,
        linger_s=settings.linger_s,
    )


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncGenerator[Database]:
    """An open database, migrated to this version's schema; raises DatabaseUnavailable saying what to do."""
    if settings.neo4j_uri:
        database = await Database.open(_address(settings))
        try:
            await schema.migrate(database)
            yield database
        finally:
            await database.close()
        return
    async with _embedded(settings) as database:
        yield database


async def share_of_instructions(settings: Settings, files: StoreFiles) -> Share | None:
    """What instructions take of the embedded Neo4j, which runs; nothing in it is changed."""
    with await asyncio.to_thread(attach, embedded_config(settings)) as attached:
        database = await Database.open(Address(attached.uri, attached.username, attached.password))
        try:
            return await store_size.of_instructions(database, files)
        finally:
            await database.close()


def look_at_server(settings: Settings) -> str:
    """How the server at NEO4J_URI identifies itself; raises DatabaseUnavailable saying what to do."""

    async def look() -> str:
        database = await Database.open(_address(settings))
        await database.close()
        return database.agent

    return asyncio.run(look())


def _address(settings: Settings) -> Address:
    reader = settings.neo4j_read_username
    return Address(
        settings.neo4j_uri or "",
        settings.neo4j_username,
        _secret(settings.neo4j_password),
        settings.neo4j_database,
        (reader, _secret(settings.neo4j_read_password)) if reader else None,
    )


def _secret(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


@asynccontextmanager
async def _embedded(settings: Settings) -> AsyncGenerator[Database]:
    held: list[Attachment] = []

    async def start() -> Address:
        with StartupProgress() as report:
            attachment = await asyncio.to_thread(attach, embedded_config(settings), report)
            report.note(attachment.notice)
        for earlier in held:
            earlier.release()
        held[:] = [attachment]
        return Address(attachment.uri, attachment.username, attachment.password)

    async def revive() -> Address:
        log.warning("the embedded Neo4j is gone; starting it again")
        return await start()

    reserve = Reserve(settings.home.expanduser(), settings.disk_reserve_mb)
    try:
        database = await Database.open(await start(), revive, reserve.require)
        try:
            await schema.migrate(database)
            yield database
        finally:
            await database.close()
    finally:
        for attachment in held:
            attachment.release()
