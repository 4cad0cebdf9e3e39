"""The context of a running job, shared by all its tasks in this worker."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from generators.errors import EndpointRefuses, EndpointUnavailable, NoEndpoint, NoPrice
from generators.method import EVERY_STEP, JUDGE_STEPS, AnyStep, Sampling
from generators.models.budget import Budget, BudgetSpent
from generators.models.chat import ChatModel
from generators.models.progress import Progress
from generators.models.registry import Models
from generators.models.stop import Control, Stopped
from generators.running.checks import QuestionCheck
from generators.running.standing import Standing
from generators.running.writer import InstructionWriter
from generators.spec import JobSpec
from graph.database import Database
from graph.jobs.job import JobState
from graph.jobs.leases import Lease
from graph.reasons import Part

T = TypeVar("T")


@dataclass
class Run:
    """One run of one job. `window` bounds how many samples and growth units are open at once.

    More are open than calls may be in flight, so that calls do not wait for the database.
    """

    database: Database
    lease: Lease
    spec: JobSpec
    models: Models
    writer: InstructionWriter
    budget: Budget
    window: asyncio.Semaphore
    check: QuestionCheck
    control: Control = field(default_factory=Control)
    progress: Progress = field(default_factory=Progress)
    judges: dict[Part, Standing] = field(default_factory=dict[Part, Standing])
    sampling: dict[AnyStep, Sampling] = field(init=False)
    _chosen: dict[AnyStep, ChatModel] = field(default_factory=dict[AnyStep, ChatModel])

    def __post_init__(self) -> None:
        self.sampling = {step: self.spec.sampling_of(step) for step in EVERY_STEP}

    async def model(self, step: AnyStep) -> ChatModel:
        """The model of a step; stops the run and raises Stopped if there is none."""
        if step not in self._chosen:
            found = await self.call(lambda: self.models.of(step, self.spec.models.model_dump()))
            self.progress.limiters[f"{found.client.endpoint.name} {found.name}"] = found.habits.limiter
            self._chosen[step] = replace(
                found,
                control=self.control,
                budget=self.budget,
                progress=self.progress,
                # Answers go first, so that few questions wait for their answers; so do verdicts on both.
                urgent=step in ("answers", "rival_answers") or step in JUDGE_STEPS,
            )
        return self._chosen[step]

    async def call(self, request: Callable[[], Awaitable[T]]) -> T:
        """What `request` returns.

        An endpoint that is down or refuses every call, or a spent budget, stops the run: raises Stopped.
        """
        self.control.check()
        try:
            return await request()
        except (EndpointUnavailable, EndpointRefuses, NoEndpoint, NoPrice) as error:
            self.control.stop(JobState.paused, str(error))
            raise Stopped from error
        except BudgetSpent as error:
            self.control.stop(JobState.over_budget, f"{error}; resume the job with a higher budget")
            raise Stopped from error
