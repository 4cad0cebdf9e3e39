"""Checks of what is there: what to look for below a node, what was found, and undoing it."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response

from generators.estimates.of_check import CheckEstimate
from generators.estimates.of_check import estimate as estimate_check
from graph.access.tokens import Scope
from graph.errors import Invalid
from graph.instructions import withdrawal
from graph.instructions.judged import judges_of
from graph.jobs.judges import Judge
from graph.pages import Page
from graph.quality import checks, findings
from graph.quality.checks import Check, CheckKind, CheckSpec, CheckState
from graph.quality.findings import Pair
from graph.taxonomy import nodes
from service.http.errors import responses
from service.parts import parts_of
from service.refusals import NotAllowed
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/checks", tags=["checks"])

CheckId = Annotated[str, Path(description="Id of a check")]
EXAMPLE = {"kind": "duplicates", "node_id": "0199f0c2a7b1c3d4e5f60718", "dry_run": True}


@router.post(
    "",
    status_code=202,
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like(EXAMPLE),
)
async def create(
    database: TheDatabase,
    caller: TheCaller,
    request: Request,
    response: Response,
    spec: Annotated[CheckSpec, Body()],
) -> Check:
    """Begins a check of the accepted instructions below a node, which a worker then runs.

    What its rule has looked at before, in a job or in an earlier check, is skipped.
    Of duplicates, the one that was made first is kept. What is withdrawn is no longer pulled or covered, and
    can be restored by undoing the check. A model is called only by a judge, which needs the scope `generate`,
    too: each verdict is kept, and the same model is never asked about the same text twice.
    """
    # Here, because numpy is loaded with it.
    from generators.running.checking.graph_check import rule_of

    checks.require_sound(spec)
    _require_may_pay(request, spec.kind)
    rule = await rule_of(database, spec, parts_of(request).model_settings)
    # With an Idempotency-Key the check's id follows from the key: a repeat after a crash finds the check.
    seed: str | None = getattr(request.state, "seed", None)
    check = await checks.create(database, spec, rule, caller, seed)
    parts_of(request).offer(check.id, ended=check.ended)
    response.headers["Location"] = parts_of(request).address(f"/v1/checks/{check.id}")
    return check


def _require_may_pay(request: Request, kind: CheckKind) -> None:
    """A judge costs money, as jobs do, and needs the same scope. Raises NotAllowed."""
    if kind is CheckKind.judge and not request.state.may(Scope.generate):
        raise NotAllowed("a check by a judge costs money: this needs the scope generate, too")


@router.post(
    ":estimate",
    responses=responses(400, 404, 409, 422, 503),
    openapi_extra=body_like({"kind": "judge", "node_id": EXAMPLE["node_id"]}),
)
async def estimate(
    database: TheDatabase, request: Request, spec: Annotated[CheckSpec, Body()]
) -> CheckEstimate:
    """What a check by a judge would read and cost; checks of other kinds cost nothing.

    What its rule has looked at is not counted. Nothing is planned, looked at or paid for.
    """
    from generators.running.checking.graph_check import rule_of

    checks.require_sound(spec)
    if spec.kind is not CheckKind.judge:
        raise Invalid("kind: only a check by a judge costs something")
    await nodes.get(database, spec.node_id)
    settings = parts_of(request).model_settings
    return await estimate_check(database, spec, await rule_of(database, spec, settings), settings)


@router.get("", responses=responses(422, 503))
async def list_checks(
    database: TheDatabase,
    kind: Annotated[list[CheckKind] | None, Query(description="Only checks of these kinds")] = None,
    state: Annotated[list[CheckState] | None, Query(description="Only checks in these states")] = None,
    spec_key: Annotated[
        str | None, Query(description="Only those begun with this digest of the request")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Check]:
    """The checks, newest first."""
    return await checks.list_checks(database, kind, state, spec_key, limit, cursor)


@router.get("/{check_id}", responses=responses(404, 503))
async def get(database: TheDatabase, check_id: CheckId) -> Check:
    """One check, with how far it is and what it has found."""
    return await checks.get(database, check_id)


@router.get("/{check_id}/judges", responses=responses(404, 503))
async def judges(database: TheDatabase, check_id: CheckId) -> list[Judge]:
    """The judges of the check: how they did with samples whose verdict is known, what they found and cost."""
    await checks.get(database, check_id)
    return await judges_of(database, check_id)


@router.get("/{check_id}/pairs", responses=responses(404, 422, 503))
async def pairs(
    database: TheDatabase, check_id: CheckId, limit: Limit = 100, cursor: Cursor = None
) -> Page[Pair]:
    """What the check found, as pairs of texts with what differs in them or what matches.

    They are in the order in which the instructions were made. Until it is settled what is withdrawn, they
    are what the rule has found so far.
    """
    await checks.get(database, check_id)
    return await findings.pairs(database, check_id, limit, cursor)


@router.post("/{check_id}:undo", responses=responses(404, 409, 503))
async def undo(database: TheDatabase, check_id: CheckId, request: Request) -> Check:
    """Restores what the check withdrew and removes its evidence, and responds when all is restored.

    What was edited in the meantime becomes stale instead. What a person has waived stays as it is. Repeating
    it changes nothing, and continues what was broken off. The next check of the same rule looks at what was
    restored again.
    """
    work = withdrawal.undo(database, check_id)
    return await asyncio.shield(parts_of(request).outliving(work, "undoing a check"))


@router.post("/{check_id}:pause", responses=responses(404, 409, 503))
async def pause(database: TheDatabase, check_id: CheckId) -> Check:
    """Stops the check after the part that it is at."""
    return await checks.act(database, check_id, "pause")


@router.post("/{check_id}:resume", responses=responses(404, 409, 503))
async def resume(database: TheDatabase, check_id: CheckId, request: Request) -> Check:
    """Continues a check that is paused or has failed."""
    _require_may_pay(request, (await checks.get(database, check_id)).kind)
    check = await checks.act(database, check_id, "resume")
    parts_of(request).offer(check.id, ended=check.ended)
    return check
