"""Metrics for Prometheus; jobs of all workers are included, because workers report to the graph."""

from collections.abc import Iterable

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from graph.jobs import jobs
from graph.jobs.job import Job, JobState
from graph.proposals import listing
from graph.proposals.proposal import ProposalState
from graph.review import rounds
from graph.review.rounds import RoundState
from graph.taxonomy.streams import import_log
from graph.taxonomy.streams.import_facts import ImportState
from service.http.errors import responses
from service.http.request_log import Copied
from service.parts import parts_of
from service.routes import TheDatabase

router = APIRouter(tags=["health"])

RUNNING = (JobState.planned, JobState.running)
# Maximum number of active jobs that are listed.
MOST = 100


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}, "description": "Prometheus text"}, **responses(503)},
)
async def metrics(database: TheDatabase, request: Request) -> Response:
    """For Prometheus: requests by route; active jobs with calls, tokens, cost, refusals; rounds and votes;
    proposals; imports.
    """
    found = (await jobs.list_jobs(database, RUNNING, limit=MOST)).items
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    registry.register(_Jobs(found))
    registry.register(_Rounds(await rounds.counts(database)))
    registry.register(_Proposals(await listing.counts(database)))
    registry.register(_Imports(*await import_log.counts(database)))
    registry.register(Copied(parts_of(request).traffic))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Rounds(Collector):
    """Rounds of votes by their state."""

    def __init__(self, counts: dict[str, tuple[int, int]]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """The number of rounds, and of their current votes."""
        rounds_ = GaugeMetricFamily("glan_rounds", "Rounds of votes, by state", labels=["state"])
        votes = GaugeMetricFamily(
            "glan_votes", "Current votes, by the state of their round", labels=["state"]
        )
        for state in RoundState:
            number, cast = self._counts.get(state, (0, 0))
            rounds_.add_metric([state], number)
            votes.add_metric([state], cast)
        return (rounds_, votes)


class _Proposals(Collector):
    """The proposals at the time of the request."""

    def __init__(self, counts: dict[ProposalState, int]) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        """One family, with one sample per state."""
        family = GaugeMetricFamily("glan_proposals", "Proposed changes of the taxonomy", labels=["state"])
        for state, count in self._counts.items():
            family.add_metric([state.value], count)
        yield family


class _Imports(Collector):
    """Imports of files, and the concepts in them."""

    def __init__(self, imports: dict[str, int], concepts: dict[str, int]) -> None:
        self._imports = imports
        self._concepts = concepts

    def collect(self) -> Iterable[Metric]:
        """The number of imports by state, and of concepts by what became of them."""
        imports = GaugeMetricFamily("glan_imports", "Imports of files, by state", labels=["state"])
        for state in ImportState:
            imports.add_metric([state], self._imports.get(state, 0))
        concepts = GaugeMetricFamily(
            "glan_import_concepts", "Concepts of all imports, by what became of them", labels=["result"]
        )
        for result, count in self._concepts.items():
            concepts.add_metric([result], count)
        return (imports, concepts)


class _Jobs(Collector):
    """The active jobs at the time of the request."""

    def __init__(self, found: list[Job]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        """One family per figure, with one sample per job (and step or status)."""
        yield from (self._instructions(), *self._spent(), *self._live())

    def _instructions(self) -> Metric:
        family = GaugeMetricFamily(
            "glan_job_instructions", "Instructions of a job by what became of them", labels=["job", "status"]
        )
        for job in self._found:
            for status, count in job.ledger.model_dump().items():
                family.add_metric([job.id, status], count)
        return family

    def _spent(self) -> Iterable[Metric]:
        labels = ["job", "step"]
        calls = CounterMetricFamily("glan_job_calls", "Replies paid for", labels=labels)
        tokens = CounterMetricFamily("glan_job_tokens", "Tokens in and out", labels=labels)
        usd = CounterMetricFamily("glan_job_cost_usd", "Cost, where prices are known", labels=labels)
        for job in self._found:
            for step, spent in job.spent_by_step.items():
                calls.add_metric([job.id, step], spent.calls)
                tokens.add_metric([job.id, step], spent.tokens)
                if spent.usd is not None:
                    usd.add_metric([job.id, step], spent.usd)
        return (calls, tokens, usd)

    def _live(self) -> Iterable[Metric]:
        for name, kind, what in (
            ("in_flight", GaugeMetricFamily, "Calls in flight"),
            ("concurrency", GaugeMetricFamily, "Calls that may be in flight at present"),
            ("samples_per_s", GaugeMetricFamily, "Samples a second over the last half minute"),
            ("refusals", CounterMetricFamily, "429s of this run"),
            ("server_errors", CounterMetricFamily, "Other failures of this run that were tried again"),
            ("timeouts", CounterMetricFamily, "Time-outs of this run"),
        ):
            family = kind(f"glan_job_{name}", what, labels=["job"])
            for job in self._found:
                if job.live is not None:
                    family.add_metric([job.id], getattr(job.live, name))
            yield family
