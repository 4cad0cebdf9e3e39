"""The parts of the running service in one typed object, which the application keeps for all requests."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry

from generators.models.settings import ModelSettings
from graph.database import Database
from graph.errors import Conflict, Invalid, NotFound, Refused
from service.job_feed import JobFeed
from service.settings import Settings

if TYPE_CHECKING:
    from generators.running.engines.local import LocalWorker

log = logging.getLogger("glan")
T = TypeVar("T")
WRONG = (NotFound, Invalid, Conflict, Refused)
"""Errors of a request, not of the service."""


@dataclass
class Parts:
    """Made before the service starts; the database, its feed and the worker are added then."""

    settings: Settings
    model_settings: ModelSettings
    traffic: CollectorRegistry = field(default_factory=CollectorRegistry)
    """Metrics of requests."""
    tokens_changed: Callable[[], None] = lambda: None
    """Called after a token was created or revoked."""
    exiting: Callable[[], bool] = lambda: False
    """Whether the service is shutting down; endless streams check it, or the shutdown would wait for them."""
    failure: Exception | None = None
    """The error that kept the service from starting."""
    builds: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    """Work that outlives its requests: see `outliving`."""
    searching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """Held by the search for duplicates that is running."""
    importing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Held by each file that is read or inserted: each takes a thread, and room on the disk."""
    comparing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))
    """Held by each comparison of taxonomies, until its answer is sent: each takes a thread, and room on the
    disk."""
    worker: "LocalWorker | None" = None
    """Runs jobs in this process; None if other processes do."""
    leave: Callable[[], object] | None = None
    """Has the worker give up the calls in flight; may be called from any thread."""
    database: Database = field(init=False)
    feed: JobFeed = field(init=False)

    def open(self, database: Database) -> None:
        """Adds the open database."""
        self.database = database
        self.feed = JobFeed(database)

    def offer(self, id_: str, *, ended: bool) -> None:
        """Has the worker of this process, if there is one, take a job or check that has not ended."""
        if self.worker is not None and not ended:
            self.worker.offer(id_)

    def outliving(
        self, work: Coroutine[Any, Any, T], name: str, *, failed: str | None = None
    ) -> asyncio.Task[T]:
        """Runs work in a task that outlives its request, and keeps it until it is done.

        `failed`: what is logged, before the error, if it fails.
        """
        task = asyncio.create_task(work, name=name)
        self.builds.add(task)
        task.add_done_callback(self.builds.discard)
        if failed is not None:
            task.add_done_callback(lambda done: _log_failure(done, failed))
        return task

    def address(self, path: str) -> str:
        """A path of this service as clients see it, including the prefix of a proxy."""
        return (self.settings.root_path or "") + path


def _log_failure(task: asyncio.Task[Any], failed: str) -> None:
    # What is wrong with a request is told to whoever sent it.
    if not task.cancelled() and (error := task.exception()) is not None and not isinstance(error, WRONG):
        log.error("%s: %s", failed, error)


def keep(app: FastAPI, parts: Parts) -> None:
    """Stores the parts in the application."""
    app.state.parts = parts


def parts_of(request: Request) -> Parts:
    """The parts of the application that handles the request."""
    return request.app.state.parts
