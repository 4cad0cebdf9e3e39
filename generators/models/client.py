"""Connections to endpoints: the openai client's headers and errors, over plain aiohttp."""

import asyncio
from collections.abc import Mapping
from typing import Any, cast

import aiohttp
import httpx2
import openai
import pydantic_core
from openai import AsyncOpenAI, DefaultAioHttpClient

from generators.errors import EndpointUnavailable, NoEndpoint
from generators.models.addresses import Routes, checked_address, checked_key, is_azure, proxy_of, shown
from generators.models.endpoint import Endpoint, Timeouts
from generators.models.masking import Mask
from generators.models.replies.bodies import document, is_page, page_status
from generators.models.replies.refusals import NOT_READY, NOTHING_SAID, NothingSaid, status_error, translation

OPENAI = "https://api.openai.com/v1"


class Client:
    """One pooled client per endpoint; must be made inside a running event loop.

    Raises NoEndpoint if the endpoint's address, key or proxy is wrong.
    """

    def __init__(self, endpoint: Endpoint, timeouts: Timeouts, mask: Mask | None = None) -> None:
        self.endpoint = endpoint
        self.timeouts = timeouts
        self.mask = mask or Mask([endpoint.api_key], dict(endpoint.headers))
        try:
            self._routes = Routes(checked_address(endpoint.base_url or OPENAI))
            checked_key(endpoint.api_key)
            self._proxy = proxy_of(self._routes.models)
        except ValueError as error:
            raise NoEndpoint(str(error)) from None
        # Loaded once: the certificates take 20 ms.
        certificates = httpx2.create_ssl_context()
        self._sdk = AsyncOpenAI(
            api_key=endpoint.api_key,
            base_url=endpoint.base_url or OPENAI,
            http_client=DefaultAioHttpClient(verify=certificates, trust_env=False),
        )
        # No limit: the limiter bounds the calls, so that no call waits for a connection.
        connector = aiohttp.TCPConnector(limit=0, ssl=certificates)
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=timeouts.connect, sock_read=timeouts.read)
        # Given here because aiohttp would look it up in the environment for every request, which takes
        # most of a request's time.
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=timeout, headers=_headers(self._sdk, endpoint), proxy=self._proxy
        )

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()
        await self._sdk.close()

    async def model_names(self) -> list[str]:
        """The names of the models that the endpoint serves. Raises GenerationError."""
        try:
            content = await self._reply("GET", self._routes.models)
        except openai.APIError as error:
            raise translation(self.endpoint.name, error) from error
        try:
            found: Any = document(content)
            return [_model_name(one) for one in _listed(found)]
        except (ValueError, LookupError, TypeError):
            raise EndpointUnavailable(
                f"{self.endpoint.name} does not list its models; is the address right, with its /v1?"
            ) from None

    async def post(self, body: Mapping[str, Any], *, read_s: float | None = None) -> bytes:
        """The raw reply to a chat request. Raises openai.APIError. `read_s`: maximum seconds without a byte.

        Uses the openai client's headers and errors, but not its layers over aiohttp, which take nine tenths
        of its time (docs/benchmarks.md, one call).
        """
        url = self._routes.chat(body.get("model", ""))
        return await self._reply("POST", url, pydantic_core.to_json(body), read_s)

    async def _reply(
        self, method: str, url: str, data: bytes | None = None, read_s: float | None = None
    ) -> bytes:
        # A redirect is reported, not followed: a POST would become a GET, and the key would go elsewhere.
        options: dict[str, Any] = {"data": data, "allow_redirects": False}
        if read_s is not None:
            options["timeout"] = aiohttp.ClientTimeout(
                total=None, sock_connect=self.timeouts.connect, sock_read=read_s
            )
        try:
            async with self._session.request(method, url, **options) as response:
                content = await response.read()
        except TimeoutError as error:
            raise openai.APITimeoutError(_request(method, url)) from error
        except (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
            message = self.mask.text(f"{self._by_proxy(error)}{str(error) or type(error).__name__}")
            raise openai.APIConnectionError(message=message, request=_request(method, url)) from error
        status = response.status
        if status in (200, 201) or (status == 202 and b'"choices"' in content):
            if content.strip() and not is_page(content):
                return self.mask.reply(content)
            status = page_status(content) or NOTHING_SAID
        elif status < 300:
            status = NOT_READY
        raise self.error(
            status, content, response.headers, _request(method, url), nothing_said=not content.strip()
        )

    def error(
        self,
        status: int,
        content: bytes,
        headers: Mapping[str, str] | None = None,
        request: httpx2.Request | None = None,
        *,
        nothing_said: bool = False,
    ) -> openai.APIStatusError:
        """The openai client's error for a reply, with our secrets masked."""
        plain = {name: self.mask.text(value) for name, value in (headers or {}).items()}
        asked = request or _request("POST", self._routes.chat(""))
        kind = NothingSaid if nothing_said and status == NOTHING_SAID else openai.APIStatusError
        return status_error(asked, status, plain, self.mask.error(content) or b"nothing at all", kind)

    def _by_proxy(self, error: Exception) -> str:
        """The beginning of an error message that names the proxy; empty if the proxy is not involved."""
        if self._proxy is None or not isinstance(
            error, aiohttp.ClientConnectorError | aiohttp.ClientHttpProxyError
        ):
            return ""
        return f"by the proxy {shown(self._proxy)} that the environment names (HTTPS_PROXY, NO_PROXY): "


def _request(method: str, url: str) -> httpx2.Request:
    """A request object for the openai client's errors, which need one."""
    return httpx2.Request(method, url)


def _headers(client: AsyncOpenAI, endpoint: Endpoint) -> dict[str, str]:
    """The openai client's headers, with the key where the endpoint expects it; the user's take precedence."""
    azure = endpoint.base_url is not None and is_azure(endpoint.base_url)
    key = {"api-key": endpoint.api_key} if azure else client.auth_headers
    own = {name.lower() for name, _ in endpoint.headers} | ({"authorization"} if azure else set[str]())
    headers = client.default_headers | key
    theirs = {
        name: value for name, value in headers.items() if isinstance(value, str) and name.lower() not in own
    }
    return theirs | dict(endpoint.headers)


def _listed(found: Any) -> list[Any]:
    """The models in a list of OpenAI's form, or of similar forms."""
    if not isinstance(found, dict):
        return found
    fields = cast(dict[str, Any], found)
    return fields.get("data") or fields.get("models") or []


def _model_name(listed: Any) -> str:
    return listed if isinstance(listed, str) else str(listed.get("id") or listed["name"])


async def only_model(client: Client) -> str:
    """The name of the only model an endpoint serves. Raises NoEndpoint unless there is exactly one."""
    names = await client.model_names()
    if len(names) == 1:
        return names[0]
    some = ", ".join(names[:8])
    raise NoEndpoint(f"name a model with --model or GLAN_MODEL; the endpoint serves {len(names)}: {some}")
