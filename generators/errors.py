"""What can go wrong between us and a language model, in one tree.

GenerationError
├── NoEndpoint            no model was named or can be had; the message says what to do
├── EndpointUnavailable   nothing answers, or only 429s and 5xx, however often we try: the job pauses
├── EndpointRefuses       key, model name or quota: every further call would fail too; the job pauses
├── BadRequest            this one request is refused: the sample fails
└── Unusable              a reply that was paid for and cannot be used: kept with its text, the sample fails
"""

from generators.usage import Usage


class GenerationError(Exception):
    """Base of all errors raised by this package."""


class NoEndpoint(GenerationError):
    """No model was named or can be had."""


class EndpointUnavailable(GenerationError):
    """Nothing answers, however often we try."""


class EndpointRefuses(GenerationError):
    """Every further call would fail too."""


class BadRequest(GenerationError):
    """This one request is refused."""


class Unusable(GenerationError):
    """A reply that cannot be used, with its reason, its text and what it cost."""

    def __init__(self, reason: str, detail: str, raw: str, finish_reason: str | None, usage: Usage) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.raw = raw
        self.finish_reason = finish_reason
        self.usage = usage
