"""Logs: readable lines on a terminal, one JSON object per line elsewhere."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from service.http.request_log import REQUEST_ID


class JsonFormatter(logging.Formatter):
    """A log record as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger and message; if present also the request's id, its fields and the traceback."""
        entry: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := REQUEST_ID.get():
            entry["request_id"] = request_id
        entry |= getattr(record, "fields", {})
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False)


def configure(form: Literal["auto", "json", "text"] = "auto", *, access: bool = True) -> None:
    """Sends glan's log to stderr; `access` says whether every request is logged too."""
    handler = logging.StreamHandler(sys.stderr)
    if form == "text" or (form == "auto" and sys.stderr.isatty()):
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    else:
        handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("glan").setLevel(logging.INFO)
    logging.getLogger("glan.access").setLevel(logging.INFO if access else logging.WARNING)
    # Errors are logged by service.http.errors, or are the command's own last line.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
