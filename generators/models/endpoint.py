"""Where a model is and how long to wait for it; light, so that settings need no client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server; `base_url` None is OpenAI itself."""

    base_url: str | None
    api_key: str = field(repr=False)
    extra_body: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    most_tokens: int | None = None
    """Most completion tokens it is asked for, whatever a step would like."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Sent with every request, before our own of the same name."""

    @property
    def name(self) -> str:
        """For people."""
        return self.base_url or "OpenAI"


@dataclass(frozen=True)
class Timeouts:
    """Seconds. `read`: without a byte of the reply; `patience`: without any good reply at all."""

    connect: float = 10.0
    read: float = 300.0
    patience: float = 300.0
