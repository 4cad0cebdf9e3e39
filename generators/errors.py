"""What can go wrong when glan asks a language model, as one tree of exceptions.

GenerationError
├── NoEndpoint            no model is named or available; the message says what to do
├── NoPrice               a budget in usd needs a price that is not known; the message says what to do
├── EndpointUnavailable   no call has succeeded for too long: the job pauses
├── EndpointRefuses       key, model name or quota: every further call would fail too; the job pauses
├── FormatRefused         the endpoint does not support this form of structured output: try the next form
├── CallFailed            only this call fails: its sample fails, with a reason
│   └── TooLong           the request is longer than the model's context: shortened once
└── Unusable              a paid reply that cannot be used: its text is kept, its sample fails
"""

from generators.usage import Usage
from graph.reasons import Failure, Reason


class GenerationError(Exception):
    """Base of all errors raised by this package."""


class NoEndpoint(GenerationError):
    """No model is named or available."""


class NoPrice(GenerationError):
    """A budget in usd needs a price that is not known."""


class EndpointUnavailable(GenerationError):
    """No call has succeeded for too long."""


class EndpointRefuses(GenerationError):
    """Every further call would fail too."""


class FormatRefused(GenerationError):
    """The endpoint does not support this form of structured output; ask again in the next form."""


class CallFailed(GenerationError):
    """This call fails while others do not; `usage` is what was paid before it failed."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.usage = Usage()

    def kept(self) -> Failure:
        """The reason and detail that are stored."""
        return {"reason": self.reason, "detail": str(self)}


class TooLong(CallFailed):
    """The request is longer than the model's context."""

    def __init__(self, detail: str) -> None:
        super().__init__(Reason.too_long, detail)


class Unusable(GenerationError):
    """A reply that cannot be used: why, its text and what it cost."""

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
        """What is stored, including the paid text."""
        return {
            "reason": self.reason,
            "detail": self.detail,
            "raw": self.raw,
            "finish_reason": self.finish_reason,
        }
