"""Where a model is and how long to wait for it. Imports no client, so that settings need none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server; with `base_url` None, OpenAI itself."""

    base_url: str | None
    api_key: str = field(repr=False)
    extra_body: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    most_tokens: int | None = None
    """Maximum completion tokens to ask for, whatever a step's sampling says."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """Sent with every request; they replace our headers of the same name."""

    @property
    def name(self) -> str:
        """The name shown to people."""
        return self.base_url or "OpenAI"


@dataclass(frozen=True)
class Timeouts:
    """In seconds. `read`: maximum without a byte of a reply; `patience`: maximum without any good reply."""

    connect: float = 10.0
    read: float = 300.0
    patience: float = 300.0
