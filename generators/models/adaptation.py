"""What a model takes at its endpoint, and how a request adapts when it is refused.

Endpoints differ in the parameters and in the structured output that they accept, and say so in words of their
own. What one request finds out holds for all later ones.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import openai

from generators.errors import CallFailed, FormatRefused
from generators.models.endpoint import Endpoint
from generators.models.limiter import Limiter, Slots
from generators.models.replies import complaints, refusals
from generators.models.replies.refusals import said
from graph.reasons import Reason

log = logging.getLogger("glan")

Format = Literal["schema", "json", "text"]
LOWER: dict[Format, Format] = {"schema": "json", "json": "text"}
# Statuses of a request that is refused for its content.
REFUSED = (400, 413, 422, 501)
# A 403 that names neither the key nor the prompt: sent again until other calls show whether it is the key.
DOUBTFUL_WAIT_S = 0.3
MOST_DOUBTFUL = 3


@dataclass
class Habits:
    """What is known of a model at an endpoint: how many calls it bears and which parameters it takes.

    Found out once, and kept as long as the process lives.
    """

    limiter: Limiter
    unstored: Slots
    format: Format = "schema"
    format_works: bool = False
    """Whether a reply has come in this format."""
    guessed: bool = False
    """Whether the format was lowered after a refusal that did not name it."""
    tokens_name: str = "max_tokens"
    most_tokens: int | None = None
    """Maximum number of completion tokens, if the model has named it."""
    dropped: set[str] = field(default_factory=set[str])
    estimated: bool = False
    """Whether the endpoint does not report token usage."""

    def works(self, format: Format) -> None:
        """A reply has come in this format."""
        if not self.format_works:
            self.format_works = True
            if self.guessed:
                # A guess after the refusal of another prompt was wrong, or is certain now.
                self.format, self.guessed = format, False


class Adaptation:
    """How one request adapts to the refusals of its endpoint."""

    def __init__(self, habits: Habits, endpoint: Endpoint, model: str, *, structured: bool) -> None:
        self.habits = habits
        # The messages were built for this format and for no other.
        self.format: Format = habits.format
        self.room: int | None = None
        """Completion tokens that the context leaves to this request, if the endpoint has named them."""
        self._endpoint = endpoint
        self._name = model
        self._structured = structured
        self._doubts = 0
        self._doubted_at = 0.0

    def require_format(self) -> None:
        """Raises FormatRefused if another call has lowered the format since the messages were built."""
        if self._structured and self.format != self.habits.format:
            raise FormatRefused("another call has found out while this one waited")

    def is_about_format(self, error: openai.APIError) -> bool:
        """Whether an endpoint refuses the format of structured output."""
        asked = self._structured and self.format in LOWER
        return asked and refusals.refuses_format(error) and not refusals.is_key(error)

    def succeeded(self) -> None:
        """The endpoint has answered in this request's format."""
        if self._structured:
            self.habits.works(self.format)

    def adapt(self, error: openai.APIError, body: Mapping[str, Any]) -> float:
        """Seconds until the next try, adapted to a refusal of `body`.

        Raises GenerationError if no change of the request would help.
        """
        told, status = refusals.complaint(error), refusals.status_of(error)
        if refusals.is_filtered(error):
            raise self._refused(error)
        if refusals.is_key(error):
            raise self._translated(error)
        if refusals.is_doubtful(error):
            return self._doubted(error)
        if status in REFUSED and (self._shortened(told, body) or self._left_out(error, told, body)):
            return 0.0
        if self.is_about_format(error):
            self._lower_format(error)
        if self._has_suspect(told, status, body):
            return 0.0
        if status in REFUSED and self._may_be_format(error):
            self.habits.guessed = True
            self._lower_format(error)
        raise self._translated(error)

    def _refused(self, error: openai.APIError) -> CallFailed:
        return CallFailed(Reason.refused, said(self._endpoint.name, error))

    def _translated(self, error: openai.APIError) -> Exception:
        return refusals.translation(self._endpoint.name, error)

    def _doubted(self, error: openai.APIError) -> float:
        """A 403 without reasons: about this prompt if later calls were answered, otherwise about the key."""
        limiter = self.habits.limiter
        if self._doubts and limiter.answered_sent_at > self._doubted_at:
            raise self._refused(error)
        if not self._doubts:
            self._doubted_at = time.monotonic()
        self._doubts += 1
        if not limiter.successes or self._doubts > MOST_DOUBTFUL:
            raise self._translated(error)
        return DOUBTFUL_WAIT_S * self._doubts

    def _shortened(self, told: str, body: Mapping[str, Any]) -> bool:
        """Whether a limit on completion tokens was learnt: the model's, or that of this request's context."""
        habits = self.habits
        asked = body.get(habits.tokens_name)
        if asked is None:
            return False
        if complaints.names_room(told):
            self.room = complaints.room(told, asked)
            return self.room is not None
        if complaints.renamed(told) and "max_tokens" in body:
            habits.tokens_name = "max_completion_tokens"
            return True
        most = complaints.cap(told, asked)
        if most is not None:
            habits.most_tokens = min(most, habits.most_tokens or most)
            self._note(f"replies of at most {habits.most_tokens} tokens")
            return True
        return False

    def _left_out(self, error: openai.APIError, told: str, body: Mapping[str, Any]) -> bool:
        """Whether a parameter is left out from now on."""
        own = [*self._endpoint.extra_body]
        if not refusals.is_too_long(error):
            own.append(self.habits.tokens_name)
        name = complaints.blamed(told, getattr(error, "param", None), body, own)
        return name is not None and self._dropped(name)

    def _dropped(self, name: str) -> bool:
        # Of many calls refused at once each is sent again, though the first one has found out already.
        self.habits.dropped.add(name)
        self._note(f"no {name}")
        return True

    def _has_suspect(self, told: str, status: int | None, body: Mapping[str, Any]) -> bool:
        """Whether the parameter that may be meant is left out from now on."""
        if status == 404 and not complaints.names_format(told, strictly=True):
            return False
        name = complaints.suspected(told, body, certain=status == 404)
        return status in (*REFUSED, 404) and name is not None and self._dropped(name)

    def _may_be_format(self, error: openai.APIError) -> bool:
        """Whether the format may be at fault: nothing names it, and no reply has come in it yet."""
        habits = self.habits
        if not self._structured or habits.format_works or refusals.is_too_long(error):
            return False
        if self.format in LOWER:
            return True
        if habits.guessed:
            # Refused without any format as well: it is the request itself.
            habits.format, habits.guessed = "schema", False
        return False

    def _lower_format(self, error: openai.APIError) -> None:
        """Raises FormatRefused, because the messages depend on the format."""
        habits = self.habits
        if habits.format == self.format:
            habits.format = LOWER[habits.format]
            self._note(f"structured output as {habits.format}")
        raise FormatRefused(said(self._endpoint.name, error)) from error

    def _note(self, learnt: str) -> None:
        log.info("%s, %s: %s from now on", self._endpoint.name, self._name, learnt)
