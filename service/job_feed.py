"""Jobs as they change, looked at once for all who listen: a ledger is counted, and that takes its time."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from graph.database import Database
from graph.errors import GraphError
from graph.jobs import jobs
from graph.jobs.job import Job, JobState

TICK_S: Final = 0.5
# No more than a tenth of the time is spent on counting, but a count that had to wait for the database says
# nothing about the next one.
REST: Final = 10
LONGEST_TICK_S: Final = 5.0
# Of all jobs at work, the newest are followed.
MOST: Final = 100
AT_WORK: Final = (JobState.planned, JobState.running)

Seen = dict[str, Job]
Look = Callable[[Seen], Awaitable[Seen]]


class JobFeed:
    """Hands out what one task sees to every listener of a job, or of all jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._channels: dict[str, _Channel] = {}

    def of_job(self, job_id: str) -> AsyncGenerator[Seen | None]:
        """The job by its id at every change; None now and then, so that the listener may look around."""

        async def look(_: Seen) -> Seen:
            return {job_id: await jobs.get(self._database, job_id)}

        return self._listen(job_id, look)

    def of_all(self) -> AsyncGenerator[Seen | None]:
        """All jobs at work by their ids at every change, and each once more when it has stopped."""

        async def look(before: Seen) -> Seen:
            found = await jobs.list_jobs(self._database, AT_WORK, limit=MOST)
            seen = {job.id: job for job in found.items}
            stopped = [id_ for id_, job in before.items() if id_ not in seen and not job.state.ended]
            return seen | {id_: await jobs.get(self._database, id_) for id_ in stopped}

        return self._listen("", look)

    async def _listen(self, name: str, look: Look) -> AsyncGenerator[Seen | None]:
        channel = self._channels.setdefault(name, _Channel(look))
        channel.join()
        try:
            async for seen in channel.changes():
                yield seen
        finally:
            if channel.leave():
                self._channels.pop(name, None)


class _Channel:
    """What one task sees, for those who listen to it."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._listeners = 0
        self._turn = 0
        self._seen: Seen | None = None
        self._error: GraphError | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self) -> None:
        """One more listens."""
        self._listeners += 1
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="feed of jobs")

    def leave(self) -> bool:
        """One fewer listens; whether that was the last."""
        self._listeners -= 1
        if self._listeners == 0 and self._task is not None:
            self._task.cancel()
        return self._listeners == 0

    async def changes(self) -> AsyncGenerator[Seen | None]:
        """What is seen, from now on at every change; raises GraphError when it cannot be seen any more."""
        told = 0
        while True:
            changed = self._changed
            if self._error is not None:
                raise self._error
            if self._turn != told and self._seen is not None:
                told = self._turn
                yield self._seen
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), TICK_S)
            yield None

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            try:
                seen = await self._look(self._seen or {})
            except GraphError as error:
                self._error = error
                self._tell()
                return
            took_s = time.monotonic() - began
            if seen != self._seen:
                self._seen = seen
                self._tell()
            await asyncio.sleep(min(max(TICK_S, REST * took_s), LONGEST_TICK_S))

    def _tell(self) -> None:
        """Wakes all who wait; who comes later waits for the next change."""
        self._turn += 1
        self._changed.set()
        self._changed = asyncio.Event()
