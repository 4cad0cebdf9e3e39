"""Answers compressed as Accept-Encoding allows: zstd, else gzip."""

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from service.http.errors import MEDIA_TYPE
from service.media.accept import NDJSON

# Flushed with every part: a client that loses the connection goes on after what it has read.
add_compress_type(NDJSON, streaming=True)
add_compress_type(MEDIA_TYPE)
# An event is to be seen when it happens, and is short.
remove_compress_type("text/event-stream")
# Answers while it is being asked: results are small and are to go out one by one.
DUPLEX = ("/v1/nodes:bulk",)


class Compression:
    """Middleware; Parquet is compressed by itself and passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = CompressMiddleware(app, brotli=False, zstd_level=3, gzip_level=4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Compresses an answer or lets it through."""
        plain = scope["type"] != "http" or scope["path"] in DUPLEX
        await (self._app if plain else self._compressing)(scope, receive, send)
