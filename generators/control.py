"""One run of one job: what its tasks share, and how it is stopped without losing what was paid for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from generators.errors import EndpointRefuses, EndpointUnavailable, NoEndpoint
from generators.llm import ChatModel
from generators.models import Models
from generators.spec import JobSpec, Step
from generators.writer import InstructionWriter
from graph.database import Database
from graph.jobs import Hold, JobState

T = TypeVar("T")


class Stopped(Exception):
    """The run is to end: no new call is made."""


@dataclass
class Run:
    """A job in the hands of this worker. `slots` bounds the samples in flight."""

    database: Database
    hold: Hold
    spec: JobSpec
    models: Models
    writer: InstructionWriter
    slots: asyncio.Semaphore
    state: JobState | None = field(default=None, init=False)
    reason: str | None = field(default=None, init=False)

    def stop(self, state: JobState, reason: str | None = None) -> None:
        """Lets what is in flight finish and nothing new begin; the first reason stands."""
        if self.state is None:
            self.state, self.reason = state, reason

    def check(self) -> None:
        """Raises Stopped once the run is to end."""
        if self.state is not None:
            raise Stopped

    async def model(self, step: Step) -> ChatModel:
        """The model of a step; stops the run where there is none."""
        return await self.call(lambda: self.models.of(step, self.spec.models.model_dump()))

    async def call(self, request: Callable[[], Awaitable[T]]) -> T:
        """What `request` returns; an endpoint that is down or refuses us pauses the job."""
        self.check()
        try:
            return await request()
        except (EndpointUnavailable, EndpointRefuses, NoEndpoint) as error:
            self.stop(JobState.paused, str(error))
            raise Stopped from error


async def finish_all(work: Iterable[Awaitable[Any]]) -> None:
    """Awaits everything, also when a part fails or is stopped, and then raises the first real error."""
    results = await asyncio.gather(*work, return_exceptions=True)
    failures = [r for r in results if isinstance(r, BaseException)]
    for failure in sorted(failures, key=lambda f: isinstance(f, Stopped)):
        raise failure
