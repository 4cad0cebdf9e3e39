"""The context of a running job, or of a check that calls models, shared by all its tasks in this worker."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar

from generators.errors import (
    CallFailed,
    EndpointRefuses,
    EndpointUnavailable,
    NoEndpoint,
    NoPrice,
    Unusable,
)
from generators.method import EVERY_STEP, JUDGE_STEPS, AnyStep, Sampling
from generators.models.budget import Budget, BudgetSpent
from generators.models.chat import ChatModel
from generators.models.progress import Progress
from generators.models.registry import Models
from generators.models.stop import Control, Stopped
from generators.prompts import prompt_hash
from generators.running.comparing.checks import QuestionCheck
from generators.running.frame.refining import Refining
from generators.running.frame.standing import Standing
from generators.running.frame.writer import InstructionWriter
from generators.spec import JobSpec
from generators.steps.asking import cut_off
from graph.database import Database, Transaction
from graph.jobs import leases
from graph.jobs.job import JobState
from graph.jobs.judges import Counts
from graph.jobs.leases import Lease
from graph.model import digest
from graph.quality import verdicts
from graph.reasons import Part, Role

T = TypeVar("T")


@dataclass(kw_only=True)
class Caller(ABC):
    """What calls models, with one budget and one end: a run of a job, or of a check."""

    database: Database
    spec: JobSpec
    models: Models
    budget: Budget
    control: Control = field(default_factory=Control)
    progress: Progress = field(default_factory=Progress)
    judges: dict[Part, Standing] = field(default_factory=dict[Part, Standing])
    refining: Refining = field(default_factory=Refining)
    sampling: dict[AnyStep, Sampling] = field(init=False)
    _chosen: dict[AnyStep, ChatModel] = field(default_factory=dict[AnyStep, ChatModel])

    def __post_init__(self) -> None:
        self.sampling = {step: self.spec.sampling_of(step) for step in EVERY_STEP}

    @property
    @abstractmethod
    def owner(self) -> str:
        """The id of the job or check, to which what is counted of its judges belongs."""

    @abstractmethod
    async def held(self, tx: Transaction) -> None:
        """Locks the job or check for the rest of the transaction; raises if another worker has it."""

    @abstractmethod
    async def authors(self, part: Part) -> Sequence[str]:
        """The names of the models that write, or wrote, this part of what is judged."""

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
                urgent=step in ("answers", "rival_answers", "refinements") or step in JUDGE_STEPS,
            )
        return self._chosen[step]

    async def counter(self, role: Role, step: AnyStep, rule: str) -> tuple[str, Counts]:
        """Stores what counts a role's calls; its id, and what it has counted so far."""
        model, prompt = await self.model(step), prompt_hash(*EVERY_STEP[step].prompts)
        id_ = f"{self.owner}:{role}:{digest(f'{model.name} {prompt}')}"
        facts: verdicts.JudgeFacts = {"part": role, "model": model.name, "prompt": prompt, "rule": rule}

        async def work(tx: Transaction) -> list[float]:
            await self.held(tx)
            return await verdicts.judge(tx, self.owner, id_, facts, Counts())

        return id_, Counts(*await self.database.writing(work))

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

    async def cut_off(self, problem: Unusable | CallFailed) -> bool:
        """Whether the run ended before another reply was asked for in place of an unusable one.

        Then nothing is decided: the caller stores what the first one cost, and raises Stopped, so that a
        later run asks again.
        """
        if (ended := cut_off(problem)) is None:
            return False
        with suppress(Stopped):
            await self.call(lambda: _raised(ended))
        return True

    async def tally(self, counter: str, added: Counts) -> None:
        """Adds to what is counted of a role's calls: what leads to no verdict."""

        async def work(tx: Transaction) -> None:
            await self.held(tx)
            await verdicts.tally(tx, counter, added)

        await self.database.writing(work, once=True)


async def _raised(error: Exception) -> None:
    raise error


@dataclass(kw_only=True)
class Run(Caller):
    """One run of one job. `window` bounds how many samples and growth units are open at once.

    More are open than calls may be in flight, so that calls do not wait for the database.
    """

    lease: Lease
    writer: InstructionWriter
    window: asyncio.Semaphore
    check: QuestionCheck

    @property
    def owner(self) -> str:
        """The id of the job."""
        return self.lease.job_id

    async def held(self, tx: Transaction) -> None:
        """Locks the job for the rest of the transaction; raises LeaseLost if another worker has it."""
        await leases.held(tx, self.lease)

    async def authors(self, part: Part) -> Sequence[str]:
        """The model that writes this part in this job."""
        return [(await self.model("questions" if part == "question" else "answers")).name]
