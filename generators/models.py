"""Which model does which step, where it is and what it costs; clients are opened when first used."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from generators import local_model
from generators.client import Client, Endpoint, Timeouts, only_model
from generators.errors import NoEndpoint, NoPrice
from generators.limiter import Limiter, Slots
from generators.llm import ChatModel, Habits
from generators.method import METHOD, STEPS
from generators.prices import FREE, OwnPrice, Price, price_of
from generators.prompts import prompt_hash
from generators.spec import JobSpec

log = logging.getLogger("glan")

# The OpenAI client wants some key even where the server asks for none (vLLM, llama.cpp, Ollama).
NO_KEY = "none"


@dataclass(frozen=True)
class ModelSettings:
    """Endpoints and models as the user set them; None: not set."""

    base_url: str | None = None
    api_key: str | None = None
    model: str | None = None
    answer_base_url: str | None = None
    answer_api_key: str | None = None
    answer_model: str | None = None
    concurrency: int = 32
    timeouts: Timeouts = field(default_factory=Timeouts)
    local_slots: int = 4
    prices: Mapping[str, OwnPrice] = field(default_factory=dict[str, OwnPrice])

    def endpoint(self, step: str) -> Endpoint | None:
        """Where a step's model is; None: on this machine."""
        base_url, api_key = self.base_url, self.api_key
        if step == "answers" and (self.answer_base_url or self.answer_api_key):
            base_url, api_key = self.answer_base_url, self.answer_api_key
        if not base_url and not api_key:
            return None
        return Endpoint(base_url, api_key or NO_KEY)

    def name(self, step: str, chosen: Mapping[str, str | None]) -> str | None:
        """The model of a step: the job's choice, else the settings'; None: whatever the endpoint serves."""
        own = self.answer_model if step == "answers" else None
        if step == "answers" and self.answer_base_url:
            # Another endpoint serves other models: only a name that was meant for it goes there.
            return chosen.get(step) or own
        return chosen.get(step) or own or chosen.get("default") or self.model

    def is_local(self, step: str, chosen: Mapping[str, str | None]) -> bool:
        """Whether the step runs on this machine."""
        name = self.name(step, chosen)
        return self.endpoint(step) is None or (name or "").endswith(".gguf")

    def price(self, step: str, chosen: Mapping[str, str | None]) -> Price | None:
        """What the model of a step costs; None where no price is known."""
        if self.is_local(step, chosen):
            return FREE
        name, endpoint = self.name(step, chosen), self.endpoint(step)
        return price_of(name, endpoint and endpoint.base_url, self.prices) if name else None

    def unpriced(self, spec: JobSpec) -> list[str]:
        """The models of a job whose price is not known, by name."""
        chosen = spec.models.model_dump()
        missing = [step for step in STEPS if spec.does(step) and self.price(step, chosen) is None]
        return sorted({self.name(step, chosen) or f"the model of the {step}" for step in missing})

    def require_prices(self, spec: JobSpec) -> None:
        """Raises NoPrice where a budget in usd could not be kept."""
        missing = self.unpriced(spec) if spec.budget and spec.budget.usd is not None else []
        if missing:
            raise NoPrice(
                f"no price is known for {', '.join(missing)}: a budget in usd cannot be kept; "
                "set GLAN_PRICES (usd per million tokens), or give the budget in tokens or calls"
            )


class Models:
    """Hands out the model of each step; `close` it after a job. What was learnt of a model stays."""

    def __init__(self, settings: ModelSettings) -> None:
        self.settings = settings
        self._clients: dict[Endpoint, Client] = {}
        self._local: dict[Path | None, local_model.LocalModel] = {}
        self._habits: dict[tuple[str | None, str], Habits] = {}
        self._opening = asyncio.Lock()

    async def of(self, step: str, chosen: Mapping[str, str | None]) -> ChatModel:
        """The model of a step; raises GenerationError where there is none."""
        name = self.settings.name(step, chosen)
        async with self._opening:
            if self.settings.is_local(step, chosen):
                return await self._local_model(step, name)
            endpoint = self.settings.endpoint(step)
            assert endpoint
            if not name and endpoint.base_url is None:
                raise NoEndpoint("name the model to use with --model or GLAN_MODEL")
            client = self._client(endpoint)
            name = name or await only_model(client)
            price = price_of(name, endpoint.base_url, self.settings.prices)
            return ChatModel(
                client, name, self._known(endpoint, name, self.settings.concurrency), step, price
            )

    async def _local_model(self, step: str, name: str | None) -> ChatModel:
        if name and not name.endswith(".gguf"):
            raise NoEndpoint(
                f"the model {name!r} needs an endpoint: set OPENAI_API_KEY or OPENAI_BASE_URL, "
                "or give the path of a .gguf file"
            )
        weights = Path(name) if name else None
        if weights not in self._local:
            started = await asyncio.to_thread(local_model.start, weights, self.settings.local_slots)
            self._local[weights] = started
            log.info("local model %s runs in this process", started.name)
        model = self._local[weights]
        habits = self._known(model.endpoint, model.name, self.settings.local_slots)
        return ChatModel(self._client(model.endpoint), model.name, habits, step, FREE)

    def _client(self, endpoint: Endpoint) -> Client:
        if endpoint not in self._clients:
            self._clients[endpoint] = Client(endpoint, self.settings.timeouts)
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
        # Dropping the last reference stops a server; in a thread, for it waits for its loop.
        local, self._local = self._local, {}
        await asyncio.to_thread(local.clear)


def resolve(spec: JobSpec, settings: ModelSettings) -> dict[str, Any]:
    """What a job really runs with, for its record: models, endpoints and prompts; never a key."""
    chosen = spec.models.model_dump()
    steps: dict[str, Any] = {}
    for step in STEPS:
        endpoint = settings.endpoint(step)
        local = settings.is_local(step, chosen)
        steps[step] = {
            "model": settings.name(step, chosen) or ("the default local model" if local else None),
            "endpoint": "this machine" if local else (endpoint and endpoint.base_url) or "OpenAI",
            "prompts": prompt_hash(*METHOD[step].prompts),
            "sampling": asdict(spec.sampling_of(step)),
        }
    return {"steps": steps}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What is not the same in two resolved settings, one sentence a change; none where there was nothing."""
    changes: list[str] = []
    for step, facts in now["steps"].items():
        was = before.get("steps", {}).get(step, {})
        changes += [
            f"{step}: {name} {was[name]} -> {value}"
            for name, value in facts.items()
            if name in was and was[name] != value
        ]
    return changes
