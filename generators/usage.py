"""What calls use: the calls themselves, tokens and money."""

from typing import NamedTuple, Self

from graph.jobs.spent import Spent


class Usage(NamedTuple):
    """Calls, their tokens and their cost; added with +. `usd` is None if a price is unknown."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0

    @classmethod
    def of(cls, spent: Spent) -> Self:
        """What is counted together, with all tokens as completion tokens: that is what a budget looks at."""
        return cls(spent.calls, 0, spent.tokens, spent.usd)

    def __add__(self, other: object) -> "Usage":
        if not isinstance(other, Usage):
            return NotImplemented
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Usage(
            self.calls + other.calls,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            usd,
        )

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens
