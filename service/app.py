"""The one place where the parts are wired together."""

import asyncio
import importlib.metadata
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Depends, FastAPI

from generators.models.endpoint import Timeouts
from generators.models.settings import ModelSettings
from graph.database import Database
from graph.jobs.job import JobState
from graph.tasks import in_background
from service.database import open_database
from service.http import documentation, errors, idempotency, middlewares, openapi, query_parameters
from service.http.auth import Access
from service.http.request_log import Traffic
from service.parts import Parts, keep
from service.routes import (
    analysis,
    benchmarks,
    bulk,
    checks,
    coverage,
    cypher,
    decisions,
    diffs,
    diversity,
    estimates,
    exports,
    guide,
    health,
    imports,
    index,
    instructions,
    jobs,
    metrics,
    nodes,
    proposals,
    queries,
    reconcile,
    releases,
    reparse,
    rounds,
    rules,
    tests,
    tokens,
    traversal,
    votes,
)
from service.settings import Settings
from service.taxonomies import staging
from service.taxonomies.checking import STAGING

if TYPE_CHECKING:
    from generators.running.engines.local import LocalWorker

log = logging.getLogger("glan")

Takes = Literal["all", "own", "none"]

DESCRIPTION = """Generalized Instruction Tuning (GLAN): add nodes of knowledge, grow instructions from them,
explore coverage, pull instructions by subtree. Errors are problem documents (RFC 9457)."""


def model_settings(settings: Settings) -> ModelSettings:
    """The part of the settings that generators need."""
    secret = settings.openai_api_key
    answer_secret, judge_secret = settings.answer_api_key, settings.judge_api_key
    return ModelSettings(
        base_url=settings.openai_base_url,
        api_key=secret.get_secret_value() if secret else None,
        model=settings.model,
        answer_base_url=settings.answer_base_url,
        answer_api_key=answer_secret.get_secret_value() if answer_secret else None,
        answer_model=settings.answer_model,
        judge_base_url=settings.judge_base_url,
        judge_api_key=judge_secret.get_secret_value() if judge_secret else None,
        judge_model=settings.judge_model,
        concurrency=settings.concurrency,
        timeouts=Timeouts(settings.connect_timeout_s, settings.request_timeout_s, settings.patience_s),
        prices=settings.prices,
        headers=settings.extra_headers,
        answer_headers=settings.answer_extra_headers,
        judge_headers=settings.judge_extra_headers,
        local_slots=settings.local_slots,
        models_folder=settings.models_folder,
    )


def build_app(settings: Settings, *, takes: Takes = "all", host: str = "127.0.0.1") -> FastAPI:
    """The service. `takes` says which jobs it runs itself: all, its own (created through it), or none.

    `host` is the address it will listen on; unless that is loopback, it does not start without a token.
    """
    access = Access(settings.token.get_secret_value() if settings.token else None, host)
    parts = Parts(settings, model_settings(settings), tokens_changed=access.forget)
    app = documentation.make_app(
        title="glan",
        version=importlib.metadata.version("glan"),
        description=DESCRIPTION,
        lifespan=_lifespan(parts, access, takes),
        # Paths are exact: a named query contains dots, an action is a suffix after a colon.
        redirect_slashes=False,
    )
    keep(app, parts)
    errors.install(app)
    middlewares.add(app, settings, access, Traffic(parts.traffic))
    known = [Depends(query_parameters.require_known)]
    for router in (
        nodes.collection_router,
        nodes.router,
        traversal.router,
        exports.router,
        diffs.router,
        bulk.router,
        instructions.router,
        decisions.router,
        coverage.router,
        jobs.router,
        analysis.router,
        diversity.router,
        releases.router,
        checks.router,
        rounds.router,
        votes.router,
        imports.announcing,
        imports.router,
        proposals.router,
        proposals.search_router,
        reconcile.router,
        benchmarks.router,
        tests.router,
        queries.router,
        cypher.router,
        estimates.router,
        reparse.router,
        rules.router,
        tokens.router,
        metrics.router,
    ):
        app.include_router(router, responses=errors.responses(401, 403, 422), dependencies=known)
    for router in (index.router, guide.router, health.router):
        app.include_router(router, responses=errors.responses(422), dependencies=known)
    openapi.install(app)
    return app


def _lifespan(
    parts: Parts, access: Access, takes: Takes
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            try:
                await _start(parts, access, takes, stack)
            except Exception as error:
                parts.failure = error  # uvicorn would only report that it did not start
                raise
            yield
            await _let_go(parts.builds)

    return lifespan


async def _start(parts: Parts, access: Access, takes: Takes, stack: AsyncExitStack) -> None:
    """Opens what the service needs; `stack` closes it."""
    settings = parts.settings
    database = await stack.enter_async_context(open_database(settings))
    # Tokens are in the graph, so this can only be checked now; the port does not answer yet.
    await access.require_safe(database)
    parts.open(database)
    await asyncio.to_thread(staging.clear, settings.home / STAGING)
    await stack.enter_async_context(in_background(idempotency.clean(database, settings.idempotency_hours)))
    if takes != "none":
        worker = make_worker(database, settings, only_offered=takes == "own")
        parts.worker = await stack.enter_async_context(running_worker(worker))
        # Called from the command's thread when the service runs inside a command.
        loop = asyncio.get_running_loop()
        parts.leave = lambda: loop.call_soon_threadsafe(worker.leave, JobState.paused)


async def _let_go(builds: set[asyncio.Task[Any]]) -> None:
    """Cancels unfinished work before the database is closed; repeating its request does the rest."""
    for build in builds:
        build.cancel()
    await asyncio.gather(*builds, return_exceptions=True)


def make_worker(database: Database, settings: Settings, *, only_offered: bool = False) -> "LocalWorker":
    """A worker with the settings' models; a process that runs no jobs does not import their clients."""
    from generators.running.engines.local import LocalWorker

    return LocalWorker(
        database, model_settings(settings), lease_s=settings.lease_s, only_offered=only_offered
    )


@asynccontextmanager
async def running_worker(worker: "LocalWorker") -> "AsyncGenerator[LocalWorker]":
    """Runs the worker in the background; on exit it finishes calls in flight and hands its job back."""
    task = asyncio.create_task(worker.work(), name="worker")
    try:
        yield worker
    finally:
        worker.stop()
        await task
