"""An import of a file into a taxonomy, as those who import it say it, and as it is shown.

Apart from the log that keeps it, so that a command which imports needs no driver of the database.
"""

import json
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from graph.model import Kind, Text

MOST_KEPT = 1_000
"""Problems of each code that are kept; all are counted."""
AT_ONCE = 200
"""Problems per part."""
MOST_INTO = 100
LONGEST_FILE, LONGEST_OPTION = 500, 1000
LONGEST_URI, LONGEST_TEXT = 1000, 2000
RESULTS = ("created", "updated", "unchanged", "existing", "proposed", "conflicts", "missing", "errors")

Number = Annotated[int, Field(ge=0, lt=2**53)]
Code = Annotated[Text, Field(min_length=1, max_length=40)]
Via = Literal["rest", "command"]


class ImportState(StrEnum):
    """State of an import; interrupted: what ran it has stopped, and the file must be sent again."""

    running = "running"
    done = "done"
    failed = "failed"
    interrupted = "interrupted"


class Plan(BaseModel):
    """What the file becomes."""

    model_config = ConfigDict(extra="forbid")

    concepts: Number = 0
    kinds: dict[Code, Number] = Field(
        default_factory=dict[str, int], max_length=20, description="Nodes of each kind"
    )
    dropped: dict[Code, Number] = Field(
        default_factory=dict[str, int],
        max_length=50,
        description="Concepts that are left out on purpose, by reason",
    )


class Counts(BaseModel):
    """What became of the concepts of a file."""

    model_config = ConfigDict(extra="forbid")

    created: Number = Field(default=0, description="New nodes")
    updated: Number = Field(default=0, description="Nodes that follow the file now")
    unchanged: Number = Field(default=0, description="Nodes that are as the file says")
    existing: Number = Field(
        default=0, description="Nodes that differ from the file and were left as they are"
    )
    proposed: Number = Field(default=0, description="Nodes of whose changes proposals were made")
    conflicts: Number = Field(default=0, description="Nodes that people and the file both changed")
    missing: Number = Field(default=0, description="Nodes of an earlier import that the file does not have")
    errors: Number = Field(default=0, description="Concepts that were refused")


class NewImport(BaseModel):
    """What is read, and into what."""

    model_config = ConfigDict(extra="forbid")

    file: Annotated[Text, Field(min_length=1, max_length=LONGEST_FILE)] = Field(
        description="Name of the file, or of several that are read as one"
    )
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] = Field(
        description="Of the file; of several, that of the list of theirs"
    )
    format: Annotated[Text, Field(min_length=1, max_length=40)] = Field(description="Such as turtle")
    options: dict[Code, Annotated[Text, Field(max_length=LONGEST_OPTION)]] = Field(
        default_factory=dict[str, str], max_length=40, description="Options that differ from the defaults"
    )
    under: Text | None = Field(
        default=None, description="Id of the node under which it goes; null: taxonomies of its own"
    )
    triples: Number = Field(default=0, description="Statements read")
    plan: Plan | None = Field(default=None, description="null: it is loaded row by row, without one")
    problems: dict[Code, Number] = Field(
        default_factory=dict[str, int], max_length=50, description="How often each problem was found, by code"
    )


class Report(Counts):
    """How far an import is, or how it ended."""

    state: ImportState = ImportState.running
    reason: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = Field(
        default=None, description="Why it failed"
    )
    into: list[Text] = Field(
        default_factory=list[str], max_length=MOST_INTO, description="Ids of the taxonomies it goes into"
    )


class Into(BaseModel):
    """A node into which something was imported."""

    id: str
    name: str
    kind: Kind


class Import(Counts):
    """An import of a file."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(description="Sorts by the time of its beginning")
    file: str
    sha256: str = Field(description="Of the file; of several, that of the list of theirs")
    format: str
    options: dict[str, str] = Field(description="Options that differ from the defaults")
    via: Via = Field(description="rest: sent to the service; command: read by glan taxonomy load")
    who: str = Field(description="The caller, such as rest or the name of a token")
    state: ImportState
    reason: str | None = Field(default=None, description="Why it failed, or what to do")
    at: datetime = Field(description="UTC")
    ended_at: datetime | None = Field(default=None, description="UTC")
    into: list[Into] = Field(description="The taxonomies it went into, or the node it went under")
    triples: int = Field(description="Statements read")
    plan: Plan | None = Field(description="What the file becomes; null: it was loaded row by row")
    problems: dict[str, int] = Field(
        description="How often each problem was found, by code; refused, conflict and missing are those of "
        "the insertion"
    )

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        """Built from a row of import.get or import.list."""
        stored: dict[str, Any] = row["import"]
        texts = {name: json.loads(stored.get(name) or "null") for name in ("options", "plan", "problems")}
        found = cls.model_validate(stored | texts | {"into": row["into"]})
        if not row["alive"]:
            what = "service" if found.via == "rest" else "command"
            found.state = ImportState.interrupted
            found.reason = f"the {what} that read it has stopped; send the file again: what is there is found"
        inserted = {"refused": found.errors, "conflict": found.conflicts, "missing": found.missing}
        found.problems |= {name: count for name, count in inserted.items() if count}
        return found


class NewProblems(BaseModel):
    """Problems of one code, of which those kept before may be sent again."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    first: int = Field(default=1, ge=1, le=MOST_KEPT, description="Number of the first one among its code")
    uris: list[Annotated[Text, Field(max_length=LONGEST_URI)]] = Field(
        max_length=AT_ONCE, description="Of concepts"
    )
    texts: list[Annotated[Text, Field(max_length=LONGEST_TEXT)]] = Field(
        max_length=AT_ONCE, description="As many"
    )

    @model_validator(mode="after")
    def _as_many(self) -> Self:
        if len(self.uris) != len(self.texts):
            raise ValueError("there must be as many texts as uris")
        return self


class ImportProblem(BaseModel):
    """Something of a file that is not as it should be, or that was not stored as the file says."""

    n: int = Field(description="Number among those of its code, from 1")
    code: str
    uri: str = Field(description="Of the concept; empty if it is none")
    text: str
