"""Rules that instructions are checked by, with their settings and how they did when they were tried."""

from typing import Annotated, Literal

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel, ConfigDict, Field

from graph.model import Text
from graph.pages import Page
from graph.quality import rules
from graph.quality.rules import Rule
from service.http.errors import responses
from service.routes import TheCaller, TheDatabase, body_like
from service.routes.parameters import Cursor, Limit

router = APIRouter(prefix="/v1/rules", tags=["checks"])

EXAMPLE = {
    "questions": 750,
    "pairs": [{"label": "variant", "one": "What is 2 + 3?", "other": "What is 2 + 4?", "kind": "sums"}],
}


class KnownPair(BaseModel):
    """Two questions whose relation is known."""

    model_config = ConfigDict(extra="forbid")

    label: Literal["duplicate", "variant", "different"] = Field(
        description="duplicate: the same is asked; variant: something else, in nearly the same words; "
        "different: another question"
    )
    one: Text = Field(description="A question")
    other: Text = Field(description="The one it is compared with")
    kind: Text = Field(default="own", description="A class that is counted apart")


class CalibrationRequest(BaseModel):
    """On what to try the rule for near-duplicates, beside the pairs that come with it."""

    model_config = ConfigDict(extra="forbid")

    pairs: list[KnownPair] = Field(
        default_factory=list[KnownPair], max_length=5_000, description="Pairs that somebody has labelled"
    )
    questions: Annotated[int, Field(ge=0, le=5_000)] = Field(
        default=750, description="Accepted questions of the graph of which more pairs are made"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] = Field(
        default=0, description="Which questions are drawn, and how they are changed"
    )


@router.get("", responses=responses(422, 503))
async def list_rules(database: TheDatabase, limit: Limit = 50, cursor: Cursor = None) -> Page[Rule]:
    """The rules that were used so far, in the order of their ids."""
    return await rules.list_rules(database, limit, cursor)


@router.get("/{rule_id}", responses=responses(404, 503))
async def get(
    database: TheDatabase,
    rule_id: Annotated[str, Path(description="Id of a rule, such as near-duplicates@3")],
) -> Rule:
    """One rule, with its settings and how it did when it was last tried."""
    return await rules.get(database, rule_id)


@router.post(
    ":calibrate",
    responses=responses(422, 503),
    openapi_extra=body_like(EXAMPLE),
)
async def calibrate(
    database: TheDatabase, caller: TheCaller, request: Annotated[CalibrationRequest, Body()]
) -> Rule:
    """Tries the rule for near-duplicates on pairs whose answer is known, and stores how it did.

    Of questions of the graph it makes counterparts that ask the same (in another form, order, with slips of
    the pen) and that do not (another number, unit, name, symbol, negation), and pairs different questions.
    No model is called, and no instruction changes.
    """
    # Here, because numpy is loaded with it.
    from generators.quality.duplicates.calibration import Asked, Label, Pair
    from generators.running.checking.calibrating import calibrate as run

    own = [
        Pair(Label(pair.label), pair.kind, Asked(pair.one), Asked(pair.other), "own")
        for pair in request.pairs
    ]
    return await run(database, own, questions=request.questions, seed=request.seed, by=caller)
