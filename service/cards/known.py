"""What a card is written from."""

from dataclasses import dataclass, field

from generators.quality.diversity import Figures
from graph.instructions.evidence import Evidence
from graph.instructions.releases import Release
from service.cards.counts import Counts
from service.cards.files import CardFile
from service.media.layouts import Layout


@dataclass(frozen=True)
class Publication:
    """How a release is published, as far as its card says so."""

    licence: str | None = None
    repository: str | None = None
    layout: Layout = Layout.full
    suffix: str = "parquet"


@dataclass
class Known:
    """Everything that a card is written from."""

    release: Release
    counts: Counts
    evidence: Evidence | None
    figures: Figures
    publication: Publication
    files: list[CardFile] = field(default_factory=list[CardFile])
