"""The response model for parsing a job's kept replies again."""

from pydantic import BaseModel, Field

from graph.reasons import Reason


class ReparseReport(BaseModel):
    """What became of a job's kept replies."""

    examined: int = Field(default=0, description="Replies that were read again")
    recovered: dict[str, int] = Field(default_factory=dict, description="By step; nothing was paid for them")
    failed: dict[Reason, int] = Field(default_factory=dict, description="Those that stay unusable, by reason")
    waiting: int = Field(
        default=0,
        description="Recovered questions that wait for their answers, and answers for what the job does next",
    )
