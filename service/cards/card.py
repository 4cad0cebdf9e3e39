"""The card of a release, from what it has pinned alone: the same release gives the same card for ever."""

import asyncio

from pydantic import BaseModel, Field

from generators.quality import diversity
from graph.database import Database
from graph.errors import Invalid
from graph.instructions import pinned, releases
from service.cards import markdown
from service.cards.counts import Counts
from service.cards.files import CardFile, files_of
from service.cards.known import Known, Publication
from service.http.worker_process import compute
from service.media.layouts import PAIRS


class Card(BaseModel):
    """The card of a release, and the files that it describes."""

    text: str = Field(description="README.md, with the hub's front matter")
    files: list[CardFile] = Field(description="The files that its front matter names")


async def card_of(database: Database, name: str, publication: Publication) -> Card:
    """The card of a complete release; raises NotFound, Conflict until it is done,
    or Invalid for a layout in which it has nothing.
    """
    release = await releases.complete(database, name)
    counts = Counts()
    async for rows, facts in pinned.parts(database, release):
        await asyncio.to_thread(counts.take, rows, facts)
    figures = await compute(diversity.figures, counts.questions.texts)
    known = Known(release, counts, await releases.evidence_of(database, name), figures, publication)
    if publication.layout in PAIRS:
        if not counts.pairs:
            raise Invalid(f"release {name} has no pairs of answers, and so no file in {publication.layout}")
        known.files = files_of(counts.pair_files, counts.pairs, publication.suffix)
    else:
        known.files = files_of(counts.files, counts.lines, publication.suffix)
    return Card(text=await asyncio.to_thread(markdown.written, known), files=known.files)
