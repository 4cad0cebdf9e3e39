"""Which model does which step, where it is and what it costs, as the user set it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from generators.errors import NoPrice
from generators.method import METHOD, STEPS
from generators.models.addresses import pairs
from generators.models.endpoint import Endpoint, Timeouts
from generators.models.masking import Mask
from generators.models.prices import FREE, OwnPrice, Price, price_of
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.spec import JobSpec

# The OpenAI client wants some key even where the server asks for none (vLLM, llama.cpp, Ollama).
NO_KEY = "none"


@dataclass(frozen=True)
class ModelSettings:
    """Endpoints and models as the user set them; None: not set."""

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    answer_base_url: str | None = None
    answer_api_key: str | None = field(default=None, repr=False)
    answer_model: str | None = None
    concurrency: int = 32
    timeouts: Timeouts = field(default_factory=Timeouts)
    local_slots: int = 4
    models_folder: Path = field(default_factory=Path)
    prices: Mapping[str, OwnPrice] = field(default_factory=dict[str, OwnPrice])
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    answer_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def mask(self) -> Mask:
        """Hides every key and header that is set."""
        headers = {
            **self.headers,
            **{f"answers {name}": value for name, value in self.answer_headers.items()},
        }
        return Mask([self.api_key, self.answer_api_key], headers)

    def endpoint(self, step: str) -> Endpoint | None:
        """Where a step's model is; None: on this machine."""
        base_url, api_key, headers = self.base_url, self.api_key, self.headers
        if step == "answers" and (self.answer_base_url or self.answer_api_key):
            # What is meant for one endpoint is not sent to the other.
            base_url, api_key, headers = self.answer_base_url, self.answer_api_key, self.answer_headers
        if not base_url and not api_key:
            return None
        return Endpoint(base_url, api_key or NO_KEY, headers=pairs(headers))

    def name(self, step: str, chosen: Mapping[str, str | None]) -> str | None:
        """The model of a step: the job's choice, else the settings'; None: whatever the endpoint serves."""
        own = self.answer_model if step == "answers" else None
        if step == "answers" and self.answer_base_url:
            # Another endpoint serves other models: only a name that was meant for it goes there.
            return chosen.get(step) or own
        return chosen.get(step) or own or chosen.get("default") or self.model

    def is_local(self, step: str, chosen: Mapping[str, str | None]) -> bool:
        """Whether the step runs in this process.

        A server may call its model by the name of its file, as llama.cpp does: where an address is set, the
        model is there.
        """
        endpoint, name = self.endpoint(step), self.name(step, chosen)
        return endpoint is None or (endpoint.base_url is None and (name or "").endswith(".gguf"))

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
            "prompt_version": version_of(step),
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
