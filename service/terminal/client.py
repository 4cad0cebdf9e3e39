"""How commands reach the graph: always by the REST API, of a service elsewhere or in their own process."""

import json
import logging
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import typer

from service.loopback import is_loopback, leads_here
from service.media.lines import Lines
from service.settings import Settings
from service.taxonomies.inserting.parts import NOT_INSERTED, answers
from service.terminal.output import CommandError, Rejected, note

LONGEST_EVENT = 16_000_000
BUSY = (429, 502, 503, 504)
CREATED = 201
# Maximum number of tries in a row without progress, and the longest pause before a try.
TRIES = 8
LONGEST_PAUSE_S = 15.0
LONGEST_ANSWER_S = 3600.0
"""How long a service elsewhere may take to answer."""


class Busy(CommandError):
    """The service cannot answer now, but may a little later."""


def pause_before(tries: int) -> float:
    """Seconds to wait before another try."""
    return min(LONGEST_PAUSE_S, 0.25 * 2**tries)


class _Short(Exception):
    """Only the first items of a part were inserted; `found`: the answers to these."""

    def __init__(self, found: list[dict[str, Any]], why: str) -> None:
        super().__init__(why)
        self.found = found


class Api:
    """Requests to the service; their errors become CommandErrors with a one-line message."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    def get(self, path: str, **params: Any) -> Any:
        """The response's JSON; raises CommandError. Parameters that are None are left out."""
        return self._json("GET", path, params=_given(params))

    def content(self, path: str, **params: Any) -> bytes:
        """As get, but returns the body's bytes unparsed."""
        response = self._http.request("GET", path, params=_given(params))
        _require_success(response)
        return response.content

    def post(self, path: str, body: Any = None, *, lines: bool = False, **params: Any) -> Any:
        """As get, with a body; with `lines` the response is NDJSON, returned as a list."""
        if not lines:
            return self._json("POST", path, json=body, params=_given(params))
        response = self._http.request("POST", path, json=body, params=_given(params))
        _require_success(response)
        return [json.loads(line) for line in response.content.split(b"\n") if line]

    def upload(self, path: str, lines: Iterable[bytes], **params: Any) -> Any:
        """As post, with NDJSON that is read as it is sent; `lines` are whole lines, in parts of any size."""
        headers = {"Content-Type": "application/x-ndjson"}
        return self._json("POST", path, content=lines, params=_given(params), headers=headers)

    def put(self, path: str, body: Any = None, **params: Any) -> Any:
        """As get, with PUT."""
        return self._json("PUT", path, json=body, params=_given(params))

    def send(self, path: str, content: bytes, content_type: str) -> Any:
        """As post, with a body of another type than JSON."""
        return self._json("POST", path, content=content, headers={"Content-Type": content_type})

    def insert(self, node: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """Inserts a node; returns it, and whether it is new."""
        response = self._http.request("POST", "/v1/nodes", json=node)
        _require_success(response)
        return response.json(), response.status_code == CREATED

    def patch(self, path: str, change: dict[str, Any], *, version: int) -> Any:
        """As get, with PATCH: changes a node that still has this version."""
        return self._json("PATCH", path, json=change, headers={"If-Match": f'"{version}"'})

    def delete(self, path: str, *, version: int | None = None, **params: Any) -> Any:
        """As get, with DELETE; `version`: of a node that must still have it."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return self._json("DELETE", path, params=_given(params), headers=headers)

    def pages(self, path: str, **params: Any) -> Iterator[Any]:
        """The items of all pages."""
        cursor: str | None = None
        while True:
            page = self.get(path, cursor=cursor, **params)
            yield from page["items"]
            cursor = page["next"]
            if cursor is None:
                return

    @contextmanager
    def stream(self, path: str, **params: Any) -> Generator[httpx.Response]:
        """A response whose body has not been read yet."""
        # Within one machine, compressing takes longer than sending.
        headers = {"Accept-Encoding": "identity"} if is_loopback(self._http.base_url.host) else {}
        with self._http.stream("GET", path, params=_given(params), headers=headers) as response:
            _require_success(response)
            yield response

    @contextmanager
    def events(self, path: str) -> Generator[Iterator[tuple[str, Any]]]:
        """Server-sent events as pairs of event and data."""
        with self._http.stream("GET", path, timeout=None) as response:
            _require_success(response)
            yield _events(_lines(response))

    def insert_many(self, items: Iterable[dict[str, Any]], import_id: str | None = None) -> Iterator[Any]:
        """The result of each item of a bulk insertion, in order; only one part is in memory.

        Items are sent in parts, because httpx reads no response before the whole request is sent.
        `import_id`: of the announced import that they belong to.
        """

        return answers(items, lambda part: self.insert_part(part, import_id))

    def insert_part(self, part: list[dict[str, Any]], import_id: str | None = None) -> list[dict[str, Any]]:
        """As insert_many, of items for one request.

        What is not inserted because the database went away is sent again once it is back. Raises CommandError
        after some tries in vain.
        """
        found: list[dict[str, Any]] = []
        tries = 0
        while True:
            try:
                found += self._inserted(part, len(found), import_id)
            except _Short as short:
                tries = 1 if short.found else tries + 1
                found += short.found
                why = str(short)
            except Busy as busy:
                tries, why = tries + 1, str(busy)
            else:
                return found
            if tries > TRIES:
                raise CommandError(why)
            pause = pause_before(tries)
            note(f"{why}; what is left is sent again in {pause:.1f} s, try {tries} of {TRIES}")
            time.sleep(pause)

    def _inserted(
        self, part: list[dict[str, Any]], start: int, import_id: str | None
    ) -> list[dict[str, Any]]:
        """The answers to the items of a part from `start` on. Raises _Short if they are not all inserted."""
        wanted = part[start:]
        if not wanted:
            return []
        found = self.post("/v1/nodes:bulk", wanted, lines=True, **{"import": import_id})
        if start:
            found = [one | {"line": one["line"] + start} for one in found]
        why = found[-1].get("error", "") if found else ""
        if why.startswith(NOT_INSERTED):
            raise _Short(found[:-1], why)
        if len(found) < len(wanted):
            raise _Short(found, "the answer ended before its time")
        return found

    def node(self, name_or_id: str) -> str:
        """The id of a node given by id or by a path of names; raises CommandError."""
        return self._json("GET", "/v1/nodes:resolve", params={"path": name_or_id})["id"]

    def _json(self, method: str, path: str, **options: Any) -> Any:
        response = self._http.request(method, path, **options)
        _require_success(response)
        return response.json() if response.content else None


@contextmanager
def connect(
    url: str | None = None, settings: Settings | None = None, *, works: bool = False
) -> Generator[Api]:
    """The service at `url` or GLAN_URL; if neither is given, one in a thread of this process.

    `works`: whether that one runs the jobs created through it.
    """
    settings = settings or Settings()
    option = "--url" if url else "GLAN_URL"
    url = url or settings.url
    if url:
        require_address(url, option)
        secret = settings.token
        with _http(url, secret.get_secret_value() if secret else None) as http, _at(url):
            yield Api(http)
        return
    from service.server import beside

    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    with (
        beside(settings, takes="own" if works else "none") as (address, token),
        _http(address, token) as http,
    ):
        yield Api(http)


def require_address(url: str, option: str = "--url") -> None:
    """Raises BadParameter if `url` cannot be the address of a service."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is not a number
        good = False
    if not good:
        raise typer.BadParameter(
            f"{url!r} is not an address such as http://127.0.0.1:8321 (with http:// or https://)",
            param_hint=option,
        )


@contextmanager
def _at(url: str) -> Generator[None]:
    """Turns connection errors into CommandErrors that say what to do."""
    try:
        yield
    except httpx.ConnectError as error:
        raise CommandError(
            f"no service answers at {url} ({error}); start it there with glan serve, "
            "or omit --url and GLAN_URL to work without one"
        ) from error
    except httpx.TransportError as error:
        raise CommandError(
            f"the connection to the service at {url} was lost ({error}); what it has stored is there: "
            "repeat the command to continue"
        ) from error


def _http(url: str, token: str | None) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    here = leads_here(url)
    # The card of ten million lines, or undoing a check of as many, is answered after minutes; only a service
    # elsewhere may have vanished without a word.
    timeout = httpx.Timeout(60.0, read=None if here else LONGEST_ANSWER_S)
    return httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=not here)


def _given(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _require_success(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        problem = response.json()
        detail = problem.get("detail") or problem.get("title")
        wrong = [(str(e["where"]), str(e["problem"])) for e in problem.get("errors") or ()]
    except (ValueError, AttributeError, KeyError, TypeError):  # not a problem document of glan
        detail, wrong = " ".join(response.text[:200].split()), []
    detail = detail or f"{response.request.url} answers {response.status_code}"
    if wrong:
        # A body of a request means nothing to someone who types a command.
        plain = all(where == "body" for where, _ in wrong)
        raise Rejected("; ".join(problem for _, problem in wrong) if plain else detail, wrong)
    raise (Busy if response.status_code in BUSY else CommandError)(detail)


def _lines(response: httpx.Response) -> Iterator[str]:
    lines = Lines(LONGEST_EVENT)
    for chunk in response.iter_bytes():
        yield from (line.decode().removesuffix("\r") for line in lines.fed(chunk) if line is not None)
    yield from (line.decode() for line in lines.ended() if line is not None)


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    event = "message"
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data":
            yield event, json.loads(value)
