"""How diverse the questions of a subtree are."""

import asyncio
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from generators.quality import diversity
from generators.quality.diversity import Sample, Templates
from graph.instructions import pulls
from graph.instructions.pulls import Window
from graph.taxonomy import nodes
from service.http.errors import responses
from service.http.worker_process import compute
from service.routes import TheDatabase
from service.routes.instructions import TheFilter
from service.routes.parameters import NodeId

router = APIRouter(prefix="/v1/nodes", tags=["analysis"])


class Opening(BaseModel):
    """How some questions begin."""

    words: str = Field(description="The first three words")
    count: int = Field(description="Number of questions of the sample that begin so")


class Template(BaseModel):
    """Questions that differ in numbers alone."""

    count: int = Field(description="Number of questions")
    example: str = Field(description="Id of one of them")


class Variants(BaseModel):
    """Templates among all questions: what remains when each number is replaced by 0."""

    per_template: float = Field(description="Mean number of questions per template; 1 if none repeats")
    repeated: float = Field(description="Share of the questions whose template another question has, too")
    largest: list[Template] = Field(description="The templates with the most questions")
    exact: bool = Field(description="False if the figures come from a sample of the templates")


class Diversity(BaseModel):
    """How diverse questions are; the figures of a sample can be compared where `sample` is the same."""

    id: str = Field(description="The node")
    kind: str
    name: str
    questions: int = Field(description="Number of questions")
    sample: int = Field(description="Number of questions in the sample, 1,000 if there are as many")
    distinct_1: float = Field(description="Distinct words of the sample as a share of all its words")
    distinct_2: float = Field(description="The same of pairs of words in a row")
    distinct_3: float = Field(description="The same of triples of words in a row")
    unique_openings: float = Field(description="Different openings per question of the sample")
    openings: list[Opening] = Field(description="The most frequent openings")
    vendi: float = Field(
        description="Vendi score: how many questions without a word in common are as diverse as the sample"
    )
    variants: Variants
    rule: str = Field(description="Version of the rule; figures of different versions are not comparable")


@router.get("/{node_id}/diversity", responses=responses(404, 422, 503))
async def diversity_of(database: TheDatabase, node_id: NodeId, wanted: TheFilter) -> Diversity:
    """How diverse the questions of a subtree are, accepted ones by default.

    All are read, and templates are looked for in all; the other figures come from a sample that is the same
    for the same questions.
    """
    node = await nodes.get(database, node_id)
    sample, templates, count = Sample(), Templates(), 0
    windows = await pulls.of_node(database, node_id, wanted)
    async for window in pulls.ahead(windows):
        count += await asyncio.to_thread(_take, window, sample, templates)
    figures: Any = await compute(diversity.figures, sample.texts)
    return Diversity(
        id=node.id,
        kind=node.kind,
        name=node.name,
        questions=count,
        rule=diversity.RULE,
        variants=Variants(
            per_template=templates.variants,
            repeated=templates.repeated,
            largest=[Template(**template) for template in templates.largest()],
            exact=templates.exact,
        ),
        **figures,
    )


def _take(window: Window, sample: Sample, templates: Templates) -> int:
    """Takes the questions of a window into account; returns their number."""
    questions = [(row["id"], row["question"]) for row in window.rows if row["question"]]
    for id_, question in questions:
        sample.add(id_, question)
        templates.add(id_, question)
    return len(questions)
