"""A user's shell and a real `glan serve`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai_server import OpenAIServer
from pages import serving

from graph.database import Database
from service.settings import Settings


@pytest.fixture
def environment(settings: Settings, endpoint: OpenAIServer) -> dict[str, str]:
    """The environment of a user whose endpoint is the deterministic one."""
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "GLAN_HOME": str(settings.home),
        "GLAN_CACHE": str(settings.cache),
        "OPENAI_BASE_URL": endpoint.base_url,
        "GLAN_MODEL": "test-model",
    }


@pytest.fixture
def address(database: Database, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """The address of a real `glan serve` on the session's Neo4j."""
    with serving(environment, tmp_path) as found:
        yield found
