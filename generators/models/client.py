"""Endpoints and the connections to them: the openai client, with a short way for chat requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import httpx2
import openai
import pydantic_core
from openai import AsyncOpenAI, DefaultAioHttpClient

from generators.errors import NoEndpoint
from generators.models.refusals import status_error, translation


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
    """One pooled client per endpoint; made inside a running event loop."""

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts
        # Read once: the certificates take 20 ms.
        certificates = httpx2.create_ssl_context()
        # Retries are ours, because ours know the ledger.
        self._client = AsyncOpenAI(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url,
            max_retries=0,
            timeout=openai.Timeout(timeouts.read, connect=timeouts.connect, pool=None),
            http_client=DefaultAioHttpClient(verify=certificates),
        )
        self._url = f"{self._client.base_url}chat/completions"
        # The queue is ours too: nobody waits for a connection.
        connector = aiohttp.TCPConnector(limit=0, ssl=certificates)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.read)
        # aiohttp would look the proxy up in the environment for every request, for most of its time.
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=_headers(self._client), proxy=_proxy(self._url)
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()
        await self._client.close()

    async def model_names(self) -> list[str]:
        """What the endpoint serves; raises GenerationError."""
        try:
            return [model.id async for model in self._client.models.list()]
        except openai.APIError as error:
            raise translation(self.endpoint.name, error) from error

    async def post(self, body: Mapping[str, Any]) -> bytes:
        """The raw reply to a chat request; raises openai.APIError.

        With the client's address, key, headers and errors, but past the layers between them and aiohttp,
        which take nine tenths of its time (docs/benchmarks.md, one call).
        """
        data = pydantic_core.to_json(body)
        try:
            async with self._session.post(self._url, data=data) as response:
                content = await response.read()
        except TimeoutError as error:
            raise openai.APITimeoutError(self._request()) from error
        except (aiohttp.ClientError, OSError) as error:
            raise openai.APIConnectionError(request=self._request()) from error
        if response.ok:
            return content
        raise status_error(self._request(), response.status, response.headers, content)

    def _request(self) -> httpx2.Request:
        """For the client's errors, which name what was asked."""
        return httpx2.Request("POST", self._url)


def _headers(client: AsyncOpenAI) -> dict[str, str]:
    headers = client.default_headers | client.auth_headers
    return {name: value for name, value in headers.items() if isinstance(value, str)}


def _proxy(url: str) -> str | None:
    """The proxy that the environment names for an address (HTTPS_PROXY, NO_PROXY and the like)."""
    address = urlsplit(url)
    if proxy_bypass(address.hostname or ""):
        return None
    proxies = getproxies()
    return proxies.get(address.scheme) or proxies.get("all")


async def only_model(client: Client) -> str:
    """The name of the one model an endpoint serves; raises NoEndpoint where there are several."""
    names = await client.model_names()
    if len(names) == 1:
        return names[0]
    some = ", ".join(names[:8])
    raise NoEndpoint(f"name a model with --model or GLAN_MODEL; the endpoint serves {len(names)}: {some}")
