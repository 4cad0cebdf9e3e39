"""What schemathesis needs to know beyond the OpenAPI document: how to write texts, and read NDJSON."""

import json
from typing import Any

import schemathesis


@schemathesis.serializer("application/x-ndjson")
def ndjson(_: Any, value: Any) -> bytes:
    """Text unchanged, a list as one line per element, anything else as one line."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode(errors="surrogatepass")
    lines = value if isinstance(value, list) else [value]
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


@schemathesis.serializer("application/n-triples")
def text(_: Any, value: Any) -> bytes:
    """Whatever it is as text."""
    return value if isinstance(value, bytes) else str(value).encode(errors="surrogatepass")


@schemathesis.deserializer("application/x-ndjson")
def first_line(_: Any, response: Any) -> Any:
    """The first line, because the OpenAPI document describes a single line."""
    return json.loads(next((line for line in response.content.split(b"\n") if line), b"null"))
