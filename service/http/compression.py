"""Compresses responses as Accept-Encoding allows: with zstd, else gzip."""

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type, remove_compress_type

from service.http.errors import MEDIA_TYPE
from service.media.accept import NDJSON

# Flushed after every part, so that a client that loses the connection can resume after what it has read.
add_compress_type(NDJSON, streaming=True)
add_compress_type(MEDIA_TYPE)
# Events are short and must arrive as they happen.
remove_compress_type("text/event-stream")
# Responds while the request body is still being sent: results are small and must go out one by one.
DUPLEX = ("/v1/nodes:bulk",)


class Compression:
    """Middleware; Parquet files, which are compressed already, pass unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._compressing = CompressMiddleware(app, brotli=False, zstd_level=3, gzip_level=4)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Compresses a response or lets it through."""
        plain = scope["type"] != "http" or scope["path"] in DUPLEX
        await (self._app if plain else self._compressing)(scope, receive, send)
