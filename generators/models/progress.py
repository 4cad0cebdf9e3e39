"""What a run is doing right now, shown live, in /metrics and in the job; nothing is decided by it.

The ledger is counted from the graph; this is what the graph does not hold: calls in flight, refusals, rates.
"""

import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from generators.models.limiter import Limiter
from generators.usage import Usage

# Seconds over which rates are averaged.
WINDOW_S = 30.0


@dataclass
class StepProgress:
    """Calls of one step in this run."""

    used: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    """Total time in flight of all calls."""

    @property
    def mean_s(self) -> float | None:
        """Mean seconds per call; None before the first call."""
        return self.seconds / self.used.calls if self.used.calls else None

    def add(self, used: Usage, seconds: float) -> None:
        """Counts one more reply."""
        self.used += used
        self.seconds += seconds


@dataclass
class Progress:
    """Counters of one run; `snapshot` is what is shown."""

    steps: dict[str, StepProgress] = field(default_factory=dict[str, StepProgress])
    limiters: dict[str, Limiter] = field(default_factory=dict[str, Limiter])
    in_flight: int = 0
    refusals: int = 0
    server_errors: int = 0
    timeouts: int = 0
    samples: int = 0
    last_error: str | None = None
    notes: set[str] = field(default_factory=set[str])
    """Sentences about the run to add to the job's record."""
    _marks: deque[tuple[float, int, int]] = field(default_factory=deque[tuple[float, int, int]])

    def step(self, name: str) -> StepProgress:
        """The counters of a step."""
        if name not in self.steps:
            self.steps[name] = StepProgress()
        return self.steps[name]

    def timings(self) -> dict[str, float]:
        """Mean seconds per call, by step."""
        return {name: step.mean_s for name, step in self.steps.items() if step.mean_s is not None}

    def snapshot(self) -> dict[str, Any]:
        """The counters as a JSON object, with rates over the last WINDOW_S seconds."""
        calls = sum(step.used.calls for step in self.steps.values())
        now = time.monotonic()
        self._marks.append((now, self.samples, calls))
        while now - self._marks[0][0] > WINDOW_S:
            self._marks.popleft()
        since, samples, before = self._marks[0]
        span = now - since
        return {
            "in_flight": self.in_flight,
            "concurrency": sum(int(limiter.limit) for limiter in self.limiters.values()),
            "refusals": self.refusals,
            "server_errors": self.server_errors,
            "timeouts": self.timeouts,
            "samples_per_s": round((self.samples - samples) / span, 3) if span else 0.0,
            "calls_per_s": round((calls - before) / span, 3) if span else 0.0,
            "last_error": self.last_error,
            "steps": {name: _shown(step) for name, step in self.steps.items()},
        }


def _shown(step: StepProgress) -> dict[str, Any]:
    mean_s = None if step.mean_s is None else round(step.mean_s, 3)
    return step.used._asdict() | {"mean_s": mean_s}
