"""A worker in this process: claims jobs that wait or whose worker died, and runs them one after another.

Checks of what is there run beside the jobs, one after another too: a job may take days.
"""

import asyncio
import logging
import os
import secrets
import socket
import traceback
from collections.abc import Awaitable, Callable, Sequence

from generators.models.registry import Models
from generators.models.settings import ModelSettings
from generators.models.stop import Control
from generators.running.checking import graph_check
from generators.running.comparing.benchmarks import Benchmarks
from generators.running.frame.trouble import Trouble
from generators.running.run import run_job
from graph.database import Database
from graph.errors import DatabaseUnavailable, GraphError
from graph.jobs import leases
from graph.jobs.job import JobState
from graph.quality import checks

log = logging.getLogger("glan")

LOOK_S = 1.0


def worker_name() -> str:
    """A unique name: host, process id and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


class LocalWorker:
    """`await worker.work()` runs until `stop`. With `only_offered` it takes only the jobs offered to it."""

    def __init__(
        self, database: Database, settings: ModelSettings, *, lease_s: float, only_offered: bool = False
    ) -> None:
        self.quit = asyncio.Event()
        self._database = database
        self._models = Models(settings)
        # Checks run beside jobs, which close their models when they end.
        self._judges = Models(settings)
        self._benchmarks = Benchmarks(database)
        self._lease_s = lease_s
        self._name = worker_name()
        self._offered: list[str] | None = [] if only_offered else None
        self._woken = asyncio.Event()
        self._mask = settings.mask()
        self._control = Control()

    def offer(self, job_id: str) -> None:
        """Tells the worker about a job or a check, so that it looks for work at once."""
        if self._offered is not None and job_id not in self._offered:
            self._offered.append(job_id)
        self._woken.set()

    async def work(self) -> None:
        """Claims and runs jobs and checks until `quit` is set."""
        await asyncio.gather(self._work(self._run_next), self._work(self._check_next))

    async def _work(self, run_next: Callable[[Sequence[str] | None], Awaitable[bool]]) -> None:
        trouble = Trouble()
        while not self.quit.is_set():
            try:
                worked = await run_next(self._offered)
                trouble.ended()
            except GraphError as error:  # whatever it is, the worker looks for work again
                trouble.tell(error, level=logging.ERROR)
                worked = False
            if not worked:
                await self._rest()

    def stop(self) -> None:
        """Ends the worker: the running job is handed back once its calls in flight are done."""
        self.quit.set()
        self._woken.set()

    def leave(self, state: JobState = JobState.planned) -> None:
        """Ends the worker at once: calls in flight are given up, and the job is left in `state`."""
        self.stop()
        self._control.leave(state)

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), LOOK_S)
        except TimeoutError:
            return
        self._woken.clear()

    async def _run_next(self, offered: Sequence[str] | None) -> bool:
        if offered is not None and not offered:
            return False
        claimed = await leases.claim(self._database, self._name, self._lease_s, offered)
        if claimed is None:
            return False
        lease, _ = claimed
        self._control = Control()
        log.info("job %s: runs", lease.job_id)
        try:
            state = await run_job(
                self._database,
                self._models,
                lease,
                lease_s=self._lease_s,
                quit=self.quit,
                control=self._control,
                benchmarks=self._benchmarks,
            )
            log.info("job %s: %s", lease.job_id, state or "taken over by another worker")
        except DatabaseUnavailable:
            raise
        except Exception as error:  # a bug must not end the worker; the job's reason names it
            log.error("job %s failed: %s", lease.job_id, self._mask.text(traceback.format_exc()))
            await self._fail(lease, self._mask.text(f"{type(error).__name__}: {error}"))
        finally:
            await self._models.close()
        return True

    async def _check_next(self, offered: Sequence[str] | None) -> bool:
        if offered is not None and not offered:
            return False
        claimed = await checks.claim(self._database, self._name, self._lease_s, offered)
        if claimed is None:
            return False
        hold, stored = claimed
        log.info("check %s: runs", hold.check_id)
        try:
            state = await graph_check.run_check(
                self._database, hold, stored, self.quit, self._benchmarks, self._judges
            )
            log.info("check %s: %s", hold.check_id, state or "taken over by another worker")
        except DatabaseUnavailable:
            raise
        except Exception as error:  # a bug must not end the worker; the check's reason names it
            log.error("check %s failed: %s", hold.check_id, self._mask.text(traceback.format_exc()))
            reason = self._mask.text(f"{type(error).__name__}: {error}")
            await graph_check.fail(self._database, hold, reason)
        finally:
            await self._judges.close()
        return True

    async def _fail(self, lease: leases.Lease, reason: str) -> None:
        try:
            await leases.release(self._database, lease, JobState.failed, reason)
        except GraphError as released:
            log.error("%s", released)
