"""The one place where the parts are wired together."""

import asyncio
import importlib.metadata
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Literal

from fastapi import FastAPI

from generators.client import Timeouts
from generators.engines.local import LocalWorker
from generators.models import ModelSettings
from graph.database import Database
from service import errors, openapi
from service.auth import Guard
from service.database import open_database
from service.routes import coverage, estimates, health, instructions, jobs, metrics, nodes, queries, reparse
from service.settings import Settings

log = logging.getLogger("glan")

Takes = Literal["all", "own", "none"]

DESCRIPTION = """Generalized Instruction Tuning (GLAN): add nodes of knowledge, grow instructions from them,
explore coverage, pull instructions by subtree. Errors are problem documents (RFC 9457)."""


def model_settings(settings: Settings) -> ModelSettings:
    """The part of the settings that generators need."""
    secret = settings.openai_api_key
    answer_secret = settings.answer_api_key
    return ModelSettings(
        base_url=settings.openai_base_url,
        api_key=secret.get_secret_value() if secret else None,
        model=settings.model,
        answer_base_url=settings.answer_base_url,
        answer_api_key=answer_secret.get_secret_value() if answer_secret else None,
        answer_model=settings.answer_model,
        concurrency=settings.concurrency,
        timeouts=Timeouts(settings.connect_timeout_s, settings.request_timeout_s, settings.patience_s),
        prices=settings.prices,
        local_slots=settings.local_slots,
    )


def build_app(settings: Settings, *, takes: Takes = "all") -> FastAPI:
    """The service. `takes`: which jobs it runs itself: all, those begun through it, or none."""
    app = FastAPI(
        title="glan",
        version=importlib.metadata.version("glan"),
        description=DESCRIPTION,
        lifespan=_lifespan(settings, takes),
        # A named query is a path segment with dots, an action a suffix with a colon: no redirects between.
        redirect_slashes=False,
    )
    app.state.model_settings = model_settings(settings)
    app.state.worker = None
    app.state.exiting = lambda: False
    app.state.failure = None
    errors.install(app)
    app.add_middleware(Guard, token=settings.token.get_secret_value() if settings.token else None)
    guarded = (nodes.collection_router, nodes.router, instructions.router, coverage.router, jobs.router)
    for router in (*guarded, queries.router, estimates.router, reparse.router, metrics.router):
        app.include_router(router, responses=errors.responses(401, 403, 422))
    app.include_router(health.router)
    openapi.install(app)
    return app


def _lifespan(settings: Settings, takes: Takes) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            try:
                database = await stack.enter_async_context(open_database(settings))
            except Exception as error:
                app.state.failure = error  # the server itself would only say that it did not start
                raise
            app.state.database = database
            if takes != "none":
                worker = make_worker(database, settings, only_offered=takes == "own")
                app.state.worker = await stack.enter_async_context(running_worker(worker))
            yield

    return lifespan


def make_worker(database: Database, settings: Settings, *, only_offered: bool = False) -> LocalWorker:
    """A worker with the settings' models."""
    return LocalWorker(
        database, model_settings(settings), lease_s=settings.lease_s, only_offered=only_offered
    )


@asynccontextmanager
async def running_worker(worker: LocalWorker) -> AsyncGenerator[LocalWorker]:
    """Works in the background; at the end the running job is handed back after what is in flight."""
    task = asyncio.create_task(worker.work(), name="worker")
    try:
        yield worker
    finally:
        worker.stop()
        await task
