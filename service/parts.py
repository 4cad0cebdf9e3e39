"""What the running service is made of: one typed object, which the application keeps for all requests."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry

from generators.models.settings import ModelSettings
from graph.database import Database
from graph.instructions.releases import Release
from service.job_feed import JobFeed
from service.settings import Settings

if TYPE_CHECKING:
    from generators.running.engines.local import LocalWorker


@dataclass
class Parts:
    """Made before the service starts, but for the database, its feed and the worker."""

    settings: Settings
    model_settings: ModelSettings
    traffic: CollectorRegistry = field(default_factory=CollectorRegistry)
    """Counts of requests."""
    tokens_changed: Callable[[], None] = lambda: None
    """To be called when a token was made or revoked."""
    exiting: Callable[[], bool] = lambda: False
    """Whether the service is to stop: endless streams end by themselves, or the shutdown would wait."""
    failure: Exception | None = None
    """What kept the service from starting."""
    builds: set[asyncio.Task[Release]] = field(default_factory=set[asyncio.Task[Release]])
    """Releases that are being built."""
    worker: "LocalWorker | None" = None
    """What runs jobs here; None where others do."""
    leave: Callable[[], object] | None = None
    """Gives up what the worker has in flight; to be called from any thread."""
    database: Database = field(init=False)
    feed: JobFeed = field(init=False)

    def open(self, database: Database) -> None:
        """The database is there."""
        self.database = database
        self.feed = JobFeed(database)

    def address(self, path: str) -> str:
        """A path of this service as clients reach it, also behind a proxy that serves it under a prefix."""
        return (self.settings.root_path or "") + path


def keep(app: FastAPI, parts: Parts) -> None:
    """Makes them the application's."""
    app.state.parts = parts


def parts_of(request: Request) -> Parts:
    """Those of the application that answers a request."""
    return request.app.state.parts
