"""What calls of a job used, as it is shown."""

from collections.abc import Iterable

from pydantic import BaseModel, Field


class Spent(BaseModel):
    """Usage so far; usd is null if a price is unknown."""

    calls: int = Field(default=0, description="Requests that were paid for")
    tokens: int = Field(default=0, description="Sent and received")
    usd: float | None = Field(default=0.0, description="Null if a price is unknown")


def total(parts: Iterable[Spent]) -> Spent:
    found = Spent()
    for part in parts:
        usd = None if found.usd is None or part.usd is None else found.usd + part.usd
        found = Spent(calls=found.calls + part.calls, tokens=found.tokens + part.tokens, usd=usd)
    return found
