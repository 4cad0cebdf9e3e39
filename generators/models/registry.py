"""Hands out the model of each step; clients and local models are opened when first used."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from generators.errors import NoEndpoint
from generators.method import STEPS
from generators.models import local_model
from generators.models.adaptation import Habits
from generators.models.catalogue import CATALOGUE, weights_of
from generators.models.chat import ChatModel
from generators.models.client import Client, Endpoint, only_model
from generators.models.limiter import Limiter, Slots
from generators.models.prices import FREE, price_of
from generators.models.settings import ModelSettings

log = logging.getLogger("glan")


class Models:
    """Hands out the model of each step; `close` it after a job. What was learnt about a model is kept."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self._mask = settings.mask()
        self._clients: dict[Endpoint, Client] = {}
        self._local: dict[Path | None, local_model.LocalModel] = {}
        self._habits: dict[tuple[str | None, str], Habits] = {}
        self._opening = asyncio.Lock()

    async def of(self, step: str, chosen: Mapping[str, str | None]) -> ChatModel:
        """The model of a step. Raises GenerationError if there is none."""
        name = self.settings.name(step, chosen)
        async with self._opening:
            if self.settings.is_local(step, chosen):
                return await self._local_model(step, name)
            endpoint = self.settings.endpoint(step)
            assert endpoint
            _require_name(name, endpoint)
            client = self._client(endpoint)
            name = name or await only_model(client)
            price = price_of(name, endpoint.base_url, self.settings.prices)
            return ChatModel(
                client, name, self._known(endpoint, name, self.settings.concurrency), step, price
            )

    async def _local_model(self, step: str, name: str | None) -> ChatModel:
        weights = _weights(name, self.settings)
        if weights not in self._local:
            started = await asyncio.to_thread(local_model.start, weights, self.settings.local_slots)
            self._local[weights] = started
            log.info("local model %s runs in this process", started.name)
        model = self._local[weights]
        habits = self._known(model.endpoint, model.name, self.settings.local_slots)
        return ChatModel(self._client(model.endpoint), model.name, habits, step, FREE, small=model.small)

    def _client(self, endpoint: Endpoint) -> Client:
        if endpoint not in self._clients:
            self._clients[endpoint] = Client(endpoint, self.settings.timeouts, self._mask)
        return self._clients[endpoint]

    def _known(self, endpoint: Endpoint, name: str, concurrency: int) -> Habits:
        return self._habits.setdefault(
            (endpoint.base_url, name), Habits(Limiter(concurrency), Slots(concurrency))
        )

    async def close(self) -> None:
        """Closes the clients and stops the local models."""
        for client in self._clients.values():
            await client.close()
        self._clients.clear()
        # Dropping the last reference stops a server; done in a thread, because it waits for its loop.
        local, self._local = self._local, {}
        await asyncio.to_thread(local.clear)


def require(settings: ModelSettings, chosen: Mapping[str, str | None], steps: Iterable[str] = STEPS) -> None:
    """Raises NoEndpoint if a step's model is not named or not available; makes no request."""
    for step in steps:
        name, endpoint = settings.name(step, chosen), settings.endpoint(step)
        if settings.is_local(step, chosen):
            local_model.require(_weights(name, settings))
        elif endpoint:
            _require_name(name, endpoint)


def _weights(name: str | None, settings: ModelSettings) -> Path | None:
    """The file of a local model; None for the default model. Raises NoEndpoint for an unknown name."""
    if name is None or name.endswith(".gguf"):
        return Path(name) if name else None
    if name in CATALOGUE:
        return weights_of(name, settings.models_folder)
    raise NoEndpoint(
        f"the model {name!r} needs an endpoint: set OPENAI_API_KEY or OPENAI_BASE_URL. Or give the path "
        "of a .gguf file, or a name that `glan model list` shows"
    )


def _require_name(name: str | None, endpoint: Endpoint) -> None:
    if not name and endpoint.base_url is None:
        raise NoEndpoint("name the model to use with --model or GLAN_MODEL")
