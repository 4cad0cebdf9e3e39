"""Votes of others, loaded from a file by whoever may write, and marked with who did."""

from collections.abc import AsyncIterable, Iterable, Sequence

from pydantic import BaseModel, Field

from graph.database import Database, Row, Transaction
from graph.errors import GraphError, Invalid
from graph.model import Text
from graph.queries import load
from graph.review import rounds, votes
from graph.review.rounds import AT_ONCE, Round
from graph.review.votes import NewVote, Voter, VoterName
from graph.taxonomy.walking import traversal

BY_URI = load("vote.by_uri")

MOST_ERRORS = 100
"""Errors that a report lists."""


class Loaded(NewVote):
    """A vote of somebody else, from a file."""

    node: Text | None = Field(default=None, description="Id of the node, or a path of names")
    uri: Text | None = Field(default=None, description="Its URI, instead")
    who: VoterName = Field(description="Whose vote it is")


class LoadError(BaseModel):
    """A vote of a file that was not taken."""

    line: int = Field(description="Counted from 1; of a CSV, the header is the first")
    error: str


class LoadReport(BaseModel):
    """What became of the votes of a file."""

    created: int = Field(default=0, description="First votes")
    changed: int = Field(default=0, description="Votes that replace one of the same voter")
    existing: int = Field(default=0, description="Votes that were there already")
    refused: int = Field(default=0, description="Lines that were not taken")
    errors: list[LoadError] = Field(
        default_factory=list[LoadError], description=f"The first {MOST_ERRORS} reasons"
    )

    def refuse(self, line: int, error: str) -> None:
        """Notes a line that was not taken."""
        self.refused += 1
        if len(self.errors) < MOST_ERRORS:
            self.errors.append(LoadError(line=line, error=error))


Line = tuple[int, Loaded | Invalid]
Part = dict[tuple[str, str], tuple[int, Loaded]]
"""Lines that are cast in one transaction, by node or URI and voter."""


async def load_votes(
    database: Database, round_id: str, parts: AsyncIterable[Sequence[Line]], by: Voter
) -> LoadReport:
    """Casts votes line by line, each signed by who loads them; bad lines do not stop good ones.

    The lines come in parts of up to some thousands: the event loop is held while a part is gone through.

    A later line of a person about a node replaces an earlier one. Raises NotFound, or Conflict if the round
    is not open, or is closed while they are loaded: those before are cast then.
    """
    found = await rounds.get(database, round_id)
    votes.require_open(found)
    report = LoadReport()
    part: Part = {}
    async for lines in parts:
        for number, line in lines:
            try:
                vote = _valid(line, found)
            except Invalid as error:
                report.refuse(number, str(error))
                continue
            place = (vote.node or f"uri {vote.uri}", vote.who)
            if place in part or len(part) == AT_ONCE:
                await _load(database, found, part, by, report)
                part = {}
            part[place] = number, vote
    await _load(database, found, part, by, report)
    report.errors.sort(key=lambda error: error.line)
    return report


def _valid(line: Loaded | Invalid, found: Round) -> Loaded:
    if isinstance(line, Invalid):
        raise line
    if bool(line.node) == bool(line.uri):
        raise Invalid("a vote is on a node or on a uri, and on one of them")
    if found.voters is not None and line.who not in found.voters:
        raise Invalid(votes.not_a_voter(line.who))
    return line


async def _load(database: Database, found: Round, part: Part, by: Voter, report: LoadReport) -> None:
    nodes = await _by_uri(database, found.id, [line.uri for _, line in part.values() if line.uri])
    paths = await _by_path(database, [line.node for _, line in part.values() if "/" in (line.node or "")])
    rows: dict[str, Row] = {}
    for number, line in part.values():
        node = paths.get(line.node or "", line.node) or nodes.get(line.uri or "")
        if isinstance(node, GraphError):
            report.refuse(number, str(node))
        elif node:
            row = votes.row_of(
                number, found.id, node, line.who, line, unverified=by.unverified, loaded_by=by.name
            )
            rows[row["key"]] = row
        else:
            report.refuse(number, f"the round asks about no node with the uri {line.uri}")

    async def work(tx: Transaction) -> list[list[object]]:
        await votes.open_round(tx, found.id)
        return await votes.cast_rows(tx, found.id, [*rows.values()])

    if rows:
        _note(report, rows.values(), {number: how for number, how in await database.writing(work)})


def _note(report: LoadReport, rows: Iterable[Row], done: dict[object, object]) -> None:
    for row in rows:
        match done.get(row["n"]):
            case "created":
                report.created += 1
            case "changed":
                report.changed += 1
            case "existing":
                report.existing += 1
            case "refused":
                report.refuse(row["n"], votes.has_voted(row["vote"]["who"]))
            case _:
                report.refuse(row["n"], f"the round does not ask about a node {row['node']}")


async def _by_uri(database: Database, round_id: str, uris: Sequence[str]) -> dict[str, str]:
    if not uris:
        return {}
    rows = await database.read(BY_URI, batch={"round": round_id, "uris": sorted({*uris})})
    return {row["uri"]: row["id"] for row in rows}


async def _by_path(database: Database, paths: Iterable[str | None]) -> dict[str, str | GraphError]:
    """The ids of nodes by paths of names to them; an error where a path leads to none or to several."""
    found: dict[str, str | GraphError] = {}
    for path in {path for path in paths if path}:
        try:
            found[path] = await traversal.resolve(database, path)
        except GraphError as error:
            found[path] = error
    return found
