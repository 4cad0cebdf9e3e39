"""What imports leave to people, as proposals: fields that both sides changed, and what is only proposed."""

from collections.abc import Iterator, Sequence
from typing import Any

from graph.database import Database
from graph.model import Status
from graph.proposals.proposal import LONGEST_EVIDENCE, About, NewProposal, ProposalKind, Role, Source
from graph.proposals.storing import Origin, propose
from graph.taxonomy.told import EMPTY, FREE, Difference, emptied

LONGEST_VALUE = 400


async def propose_imported(
    database: Database, undecided: Sequence[tuple[str, Difference]], import_id: str | None = None, *, by: str
) -> None:
    """Stores what an import leaves undecided of nodes, given by their ids; the same again changes nothing."""
    found = (one for id_, difference in undecided for one in _proposals(id_, difference))
    await propose(database, found, Origin(Source.import_, import_id, by))


def _proposals(id_: str, found: Difference) -> Iterator[NewProposal]:
    conflicts = {
        name: told
        for name, (_, _, told) in found.conflicts.items()
        if name != "status" and (told is not None or name in EMPTY or name.startswith(FREE))
    }
    if conflicts:
        evidence = [
            _line(f"{name}: {_shown(has)} here, {_shown(told)} in the import, where it was {_shown(old)}")
            for name, (old, has, told) in sorted(found.conflicts.items())
        ]
        before = {name: found.conflicts[name][1] for name in conflicts}
        yield _one(ProposalKind.conflict, id_, before, conflicts, evidence)
        return
    if "status" in found.conflicts:
        return
    if found.changes.get("status") == Status.retired:
        about = [About(id=id_, role=Role.subject)]
        yield NewProposal(kind=ProposalKind.remove, about=about, evidence=["it is retired in the import"])
    changes = {
        name: new for name, new in found.changes.items() if name != "status" and (name != "name" or new)
    }
    if changes:
        evidence = [_line(f"{name}: {_shown(new)} in the import") for name, new in sorted(changes.items())]
        yield _one(ProposalKind.update, id_, {}, changes, evidence)
    if len(found.linked) == len(found.unlinked) == 1:
        about = [
            About(id=id_, role=Role.subject),
            About(id=found.unlinked[0], role=Role.from_),
            About(id=found.linked[0], role=Role.into),
        ]
        yield NewProposal(
            kind=ProposalKind.move, about=about, evidence=["it stands under another one in the import"]
        )


def _one(
    kind: ProposalKind, id_: str, before: dict[str, Any], after: dict[str, Any], evidence: list[str]
) -> NewProposal:
    about = [About(id=id_, role=Role.subject)]
    return NewProposal(kind=kind, about=about, before=before, after=emptied(after), evidence=evidence[:20])


def _shown(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a long text"
    text = repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _line(text: str) -> str:
    return text[:LONGEST_EVIDENCE]
