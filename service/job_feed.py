"""Jobs as they change, read once for all listeners, because counting a ledger takes time."""

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
# After a look it rests ten times as long as the look took, so counting takes under a tenth of the time. The
# rest is bounded, since a look that had to wait for the database says nothing about the next one.
REST: Final = 10
LONGEST_TICK_S: Final = 5.0
# Maximum number of active jobs that are followed, the newest ones.
MOST: Final = 100
AT_WORK: Final = (JobState.planned, JobState.running)

Seen = dict[str, Job]
Look = Callable[[Seen], Awaitable[Seen]]


class JobFeed:
    """Shares what one task sees among all listeners of a job, or of all jobs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._channels: dict[str, _Channel] = {}

    def of_job(self, job_id: str) -> AsyncGenerator[Seen | None]:
        """{job_id: job} at every change; None now and then, so that the listener can check on its client."""

        async def look(_: Seen) -> Seen:
            return {job_id: await jobs.get(self._database, job_id)}

        return self._listen(job_id, look)

    def of_all(self) -> AsyncGenerator[Seen | None]:
        """All active jobs by id at every change, including each job once more when it has stopped."""

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
    """What one task sees, and the listeners to it."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._listeners = 0
        self._turn = 0
        self._seen: Seen | None = None
        self._error: GraphError | None = None
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def join(self) -> None:
        """Adds a listener; the first one starts the task."""
        self._listeners += 1
        if self._task is None:
            self._task = asyncio.create_task(self._watch(), name="feed of jobs")

    def leave(self) -> bool:
        """Removes a listener; returns whether it was the last, in which case the task is cancelled."""
        self._listeners -= 1
        if self._listeners == 0 and self._task is not None:
            self._task.cancel()
        return self._listeners == 0

    async def changes(self) -> AsyncGenerator[Seen | None]:
        """The present state, then the state at every change; raises GraphError once it cannot be read."""
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
        """Wakes all waiting listeners and makes a new event for the next change."""
        self._turn += 1
        self._changed.set()
        self._changed = asyncio.Event()
