"""Addresses, keys and headers of endpoints: checks how they are written, and says where requests go.

Each check says in one sentence what is wrong and how to write it.
"""

import ipaddress
import json
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import quote, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

FORM = "such as https://api.openai.com/v1 or http://127.0.0.1:8000/v1"
_AZURE_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
_DEPLOYMENT = "/openai/deployments/"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADERS_FORM = 'such as {"X-Title": "glan"}'


def checked_address(text: str) -> str:
    """Returns a base URL if it is well formed. Raises ValueError that says what is wrong with it."""
    problem = _problem(text)
    if problem:
        # An address that may contain a password or a key is not repeated.
        shown = "" if "@" in text or "?" in text else f" {text!r}"
        raise ValueError(f"the address{shown} {problem}; write it {FORM}")
    return text


def _problem(text: str) -> str | None:
    return _form_problem(text) or _part_problem(text)


def _form_problem(text: str) -> str | None:
    """What is wrong with a text, before it is parsed as an address; None if nothing is."""
    if not text or re.search(r"[\s\x00-\x1f\x7f]", text):
        return "holds a blank or a line break" if text else "is empty"
    if text[0] in "\"'`" or text[-1] in "\"'`":
        return "is in quotation marks, which must not be part of it"
    if not re.match(r"https?://", text, re.IGNORECASE):
        return "does not begin with http:// or https://"
    return None


def _part_problem(text: str) -> str | None:
    """What is wrong with the parts of an address; None if nothing is."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        return f"cannot be read ({error})"
    if "@" in parts.netloc:
        return "holds a user or a password: the key belongs in OPENAI_API_KEY, others into GLAN_EXTRA_HEADERS"
    if not parts.hostname:
        return "names no host"
    if parts.fragment:
        return "holds a #"
    if is_azure(text):
        return None
    if parts.query:
        return "holds a ?, which only Azure's addresses have (?api-version=...)"
    path = re.search(r"/(chat/completions|completions|models|responses|embeddings)/?$", parts.path)
    if path:
        base = urlunsplit(parts._replace(path=parts.path[: path.start()]))
        return f"ends in /{path[1]}, which glan adds itself: set {base}"
    return None


def checked_key(text: str) -> str:
    """Returns a key if it is well formed. Raises ValueError that does not repeat it."""
    if re.search(r"\s|[\x00-\x1f\x7f]", text):
        raise ValueError(
            "the key holds a blank or a line break; write the key alone, in one line, without quotation marks"
        )
    if text[:1] in "\"'" or text[-1:] in "\"'":
        raise ValueError("the key is in quotation marks; write it without them")
    if not text.isascii():
        raise ValueError("the key holds characters that a header cannot carry; copy it again")
    return text


def checked_headers(given: object) -> dict[str, str]:
    """Headers from JSON text or parsed JSON. Raises ValueError that repeats no value."""
    try:
        value: Any = json.loads(given) if isinstance(given, str) else given
    except ValueError as error:
        raise ValueError(f"it is not JSON ({error}); write an object {_HEADERS_FORM}") from None
    if not isinstance(value, dict):
        raise ValueError(f"it must be an object of header names and values, {_HEADERS_FORM}")
    headers = cast(dict[str, Any], value)
    for name, text in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} cannot be the name of a header; write {_HEADERS_FORM}")
        if not isinstance(text, str) or re.search(r"[\x00-\x1f\x7f]", text) or not text.isascii():
            raise ValueError(f"the value of {name} must be text on one line; write {_HEADERS_FORM}")
    return headers


def is_azure(base_url: str) -> bool:
    """Whether an address is Azure's, which expects the key in the header `api-key`."""
    parts = urlsplit(base_url)
    return (
        (parts.hostname or "").endswith(_AZURE_HOSTS)
        or _DEPLOYMENT in parts.path
        or "api-version=" in parts.query
    )


class Routes:
    """The addresses at which an endpoint takes chat requests and lists its models."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        path = re.sub(r"(/chat/completions)?/*$", "", parts.path)
        if is_azure(base_url) and path in ("", "/openai"):
            # Only the resource: the new API, or with a version in the query the API with deployments.
            path = "/openai" if parts.query else "/openai/v1"
        self._base = parts._replace(path=path)
        self._by_deployment = bool(parts.query) and path == "/openai"
        self._chat = self._of("/chat/completions")
        self.models = self._of("/models")

    def chat(self, model: str) -> str:
        """The address of a chat request."""
        if self._by_deployment:
            return self._of(f"/deployments/{quote(model, safe='')}/chat/completions")
        return self._chat

    def _of(self, path: str) -> str:
        return urlunsplit(self._base._replace(path=self._base.path + path))


def proxy_of(url: str) -> str | None:
    """The proxy that the environment (HTTPS_PROXY, NO_PROXY and the like) names for an address, or None.

    A proxy is never used for this machine. Raises ValueError for a kind of proxy that cannot be used.
    """
    address = urlsplit(url)
    host = address.hostname or ""
    if is_this_machine(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    name = address.scheme if proxies.get(address.scheme) else "all"
    proxy = proxies.get(name)
    if not proxy:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    if urlsplit(proxy).scheme not in ("http", "https"):
        raise ValueError(
            f"{name.upper()}_PROXY names a {urlsplit(proxy).scheme} proxy; only http proxies can be used: "
            f"set one, or NO_PROXY={host} to go without"
        )
    return proxy


def is_this_machine(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def shown(url: str) -> str:
    """The scheme and host of an address, without anything that may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def pairs(headers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Headers as a sorted, hashable tuple."""
    return tuple(sorted(headers.items()))
