"""What can go wrong between us and a language model, in one tree.

GenerationError
├── NoEndpoint            no model was named or can be had; the message says what to do
├── NoPrice               a budget in usd needs a price that nobody knows; the message says what to do
├── EndpointUnavailable   nothing has come back well for too long: the job pauses
├── EndpointRefuses       key, model name or quota: every further call would fail too; the job pauses
├── FormatRefused         the endpoint does not know this way of structured output: ask in the next one
├── CallFailed            this one call fails: the sample fails, with a reason
│   └── TooLong           its request is longer than the model's context: shortened once
└── Unusable              a reply that was paid for and cannot be used: kept with its text, the sample fails
"""

from generators.usage import Usage
from graph.reasons import Failure, Reason


class GenerationError(Exception):
    """Base of all errors raised by this package."""


class NoEndpoint(GenerationError):
    """No model was named or can be had."""


class NoPrice(GenerationError):
    """A budget in usd needs a price that nobody knows."""


class EndpointUnavailable(GenerationError):
    """Nothing has come back well for too long."""


class EndpointRefuses(GenerationError):
    """Every further call would fail too."""


class FormatRefused(GenerationError):
    """The endpoint does not know this way of structured output; ask again in the next one."""


class CallFailed(GenerationError):
    """This one call fails while others do not; `usage` is what was paid before it."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.usage = Usage()

    def kept(self) -> Failure:
        """What is stored of it."""
        return {"reason": self.reason, "detail": str(self)}


class TooLong(CallFailed):
    """The request is longer than the model's context."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.too_long, detail)


class Unusable(GenerationError):
    """A reply that cannot be used, with its reason, its text and what it cost."""

    def __init__(
        self, reason: Reason, detail: str, raw: str, finish_reason: str | None, usage: Usage
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.raw = raw
        self.finish_reason = finish_reason
        self.usage = usage

    def kept(self) -> Failure:
        """What is stored of it, the text that was paid for among it."""
        return {
            "reason": self.reason,
            "detail": self.detail,
            "raw": self.raw,
            "finish_reason": self.finish_reason,
        }
