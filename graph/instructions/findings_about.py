"""What checks found about one instruction, as it is shown."""

from datetime import datetime

from pydantic import BaseModel, Field

from graph.database import Database
from graph.errors import NotFound
from graph.quality import evidence


class Waiver(BaseModel):
    """A person's decision that an instruction stays, whatever checks find."""

    by: str = Field(description="The caller: the name of a token, or rest")
    at: datetime = Field(description="UTC")
    reason: str = Field(description="Why")


class About(BaseModel):
    """How something was found, and by which check; without a check it was found when it was made."""

    rule: str | None = Field(default=None, description="Id of the rule, such as near-duplicates@3")
    check_id: str | None = Field(default=None, description="The check that found it; null for a job's worker")
    at: datetime | None = Field(default=None, description="UTC")
    waived_by: str | None = Field(default=None, description="The caller that waived it")


class Relative(About):
    """Another instruction that is related to this one."""

    id: str
    question: str | None
    status: str = Field(description="Its status now")
    score: float | None = Field(default=None, description="Overlap of content words, 0 to 1")
    method: str | None = Field(default=None, description="How it was found: key or words")
    differs: str | None = Field(default=None, description="What a variant differs in, such as 5 against 3")


class Matched(About):
    """An item of a benchmark that the instruction contains."""

    item: str = Field(description="Id of the item")
    benchmark: str | None = Field(default=None, description="Name of the benchmark")
    split: str | None = Field(default=None, description="Split of the item, such as test")
    task: str | None = Field(default=None, description="Part of the benchmark it belongs to")
    text: str = Field(description="The item's text")
    part: str = Field(description="question or answer")
    kind: str = Field(description="exact, template (other numbers) or whole (a short item)")
    ngram: str | None = Field(default=None, description="Words in common")
    start: int = Field(description="Where the match begins in the part, in characters")
    end: int = Field(description="Where it ends")
    ratio: float | None = Field(default=None, description="Share of the item's words that are there, 0 to 1")


class Evidence(BaseModel):
    """What checks found about an instruction."""

    id: str
    status: str
    reason: str | None = Field(default=None, description="Why it was withdrawn, rejected or is stale")
    checked: list[str] = Field(description="Ids of the rules that have looked at it")
    flags: list[str] = Field(
        description="Rules that found something in its texts when it was made, not sure enough to reject it"
    )
    withdrawn_by: str | None = Field(
        default=None, description="The check that withdrew it, or the person who rejected it"
    )
    withdrawn_at: datetime | None = Field(default=None, description="UTC")
    waiver: Waiver | None = None
    near_duplicates: list[Relative] = Field(description="Kept ones that it repeats; at most three")
    variants: list[Relative] = Field(description="Ones that it differs from in what matters; at most three")
    matches: list[Matched] = Field(description="Items of benchmarks that it contains")
    repeated_by: list[Relative] = Field(description="Those that repeat it; at most 100")


async def of(database: Database, instruction_id: str) -> Evidence:
    """What checks found about an instruction; raises NotFound."""
    row = await evidence.of_instruction(database, instruction_id)
    if row is None:
        raise NotFound(f"no instruction has the id {instruction_id}")
    stored = row["instruction"]
    waiver = None
    if stored["waived_by"] is not None:
        waiver = Waiver(by=stored["waived_by"], at=stored["waived_at"], reason=stored["waiver"])
    matches = [{**one, "start": one["from"], "end": one["to"]} for one in row["matches"]]
    related = {name: row[name] for name in ("near_duplicates", "variants", "repeated_by")}
    plain = {
        name: stored[name]
        for name in ("id", "status", "reason", "checked", "flags", "withdrawn_by", "withdrawn_at")
    }
    return Evidence.model_validate({**plain, **related, "waiver": waiver, "matches": matches})
