"""What calls use."""

from typing import NamedTuple


class Usage(NamedTuple):
    """Calls and their tokens; adds up with +."""

    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: object) -> "Usage":
        if not isinstance(other, Usage):
            return NotImplemented
        return Usage(*(a + b for a, b in zip(self, other, strict=True)))
