"""Endpoints and the connections to them, by the openai client."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
import pydantic_core
from openai import AsyncOpenAI, DefaultAioHttpClient

from generators.errors import NoEndpoint
from generators.refusals import status_error, translation


@dataclass(frozen=True)
class Endpoint:
    """An OpenAI-compatible server; `base_url` None is OpenAI itself."""

    base_url: str | None
    api_key: str
    extra_body: Mapping[str, Any] = field(default_factory=dict[str, Any], hash=False)
    most_tokens: int | None = None
    """Most completion tokens it is asked for, whatever a step would like."""

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


class Client:
    """One pooled client per endpoint."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts
        self._http = DefaultAioHttpClient(limits=_no_limits())
        # Retries are ours, because ours know the ledger; so is the queue: nobody waits for a connection.
        timeout = openai.Timeout(timeouts.read, connect=timeouts.connect, pool=None)
        self._client = AsyncOpenAI(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=timeout,
            http_client=self._http,
        )
        # Of every chat request; only the content differs.
        self._url = httpx2.URL(f"{self._client.base_url}chat/completions")
        self._headers = _headers(self._client)
        self._extensions = {"timeout": timeout.as_dict()}

    async def close(self) -> None:
        """Closes the connections."""
        await self._client.close()

    async def model_names(self) -> list[str]:
        """What the endpoint serves; raises GenerationError."""
        try:
            return [model.id async for model in self._client.models.list()]
        except openai.APIError as error:
            raise translation(self.endpoint.name, error) from error

    async def post(self, body: Mapping[str, Any]) -> bytes:
        """The raw reply to a chat request; raises openai.APIError.

        Sent over the client's own connections with the client's own headers, passing by what it does to a
        request and a reply in between, which is three quarters of its time (docs/benchmarks.md).
        """
        request = httpx2.Request(
            "POST",
            self._url,
            headers=self._headers,
            content=pydantic_core.to_json(body),
            extensions=self._extensions,
        )
        try:
            response = await self._http.send(request)
        except httpx2.TimeoutException as error:
            raise openai.APITimeoutError(request) from error
        except Exception as error:  # as the client itself has it: whatever came in between
            raise openai.APIConnectionError(request=request) from error
        if response.is_success:
            return response.content
        raise status_error(response)


def _no_limits() -> Any:
    limits: Any = type(openai.DEFAULT_CONNECTION_LIMITS)
    return limits(max_connections=None, max_keepalive_connections=None)


def _headers(client: AsyncOpenAI) -> httpx2.Headers:
    headers = client.default_headers | client.auth_headers
    return httpx2.Headers({name: value for name, value in headers.items() if isinstance(value, str)})


async def only_model(client: Client) -> str:
    """The name of the one model an endpoint serves; raises NoEndpoint where there are several."""
    names = await client.model_names()
    if len(names) == 1:
        return names[0]
    some = ", ".join(names[:8])
    raise NoEndpoint(f"name a model with --model or GLAN_MODEL; the endpoint serves {len(names)}: {some}")
