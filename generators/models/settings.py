"""The models of the steps, their endpoints and prices, as the user set them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from generators.errors import NoPrice
from generators.method import EVERY_STEP, FINAL_PROMPT, GROWTH, JUDGE_STEPS, AnyStep
from generators.models.addresses import pairs
from generators.models.endpoint import Endpoint, Timeouts
from generators.models.masking import Mask
from generators.models.prices import FREE, OwnPrice, Price, price_of
from generators.prompts import prompt_hash
from generators.prompts.versions import version_of
from generators.spec import JobSpec

# The OpenAI client needs some key even if the server does not (vLLM, llama.cpp, Ollama).
NO_KEY = "none"


class Own(NamedTuple):
    """What is set for the answers alone, or for the judge alone."""

    base_url: str | None = None
    api_key: str | None = None
    model: str | None = None
    headers: Mapping[str, str] = {}


@dataclass(frozen=True)
class ModelSettings:
    """Endpoints and models as the user set them; None if not set."""

    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    model: str | None = None
    answer_base_url: str | None = None
    answer_api_key: str | None = field(default=None, repr=False)
    answer_model: str | None = None
    judge_base_url: str | None = None
    judge_api_key: str | None = field(default=None, repr=False)
    judge_model: str | None = None
    concurrency: int = 32
    timeouts: Timeouts = field(default_factory=Timeouts)
    local_slots: int = 4
    models_folder: Path = field(default_factory=Path)
    prices: Mapping[str, OwnPrice] = field(default_factory=dict[str, OwnPrice])
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    answer_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    judge_headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def mask(self) -> Mask:
        """A mask that hides every key and header that is set."""
        headers = {
            **self.headers,
            **{f"answers {name}": value for name, value in self.answer_headers.items()},
            **{f"judge {name}": value for name, value in self.judge_headers.items()},
        }
        return Mask([self.api_key, self.answer_api_key, self.judge_api_key], headers)

    def own(self, step: str) -> Own:
        """What is set for this step alone."""
        if step in ("answers", "refinements"):
            return Own(self.answer_base_url, self.answer_api_key, self.answer_model, self.answer_headers)
        if step in JUDGE_STEPS:
            return Own(self.judge_base_url, self.judge_api_key, self.judge_model, self.judge_headers)
        return Own()

    def endpoint(self, step: str) -> Endpoint | None:
        """The endpoint of a step's model; None: on this machine."""
        base_url, api_key, headers = self.base_url, self.api_key, self.headers
        own = self.own(step)
        if own.base_url or own.api_key:
            # Keys and headers of one endpoint must not be sent to the other.
            base_url, api_key, headers = own.base_url, own.api_key, own.headers
        if not base_url and not api_key:
            return None
        return Endpoint(base_url, api_key or NO_KEY, headers=pairs(headers))

    def name(self, step: str, chosen: Mapping[str, str | None]) -> str | None:
        """The model of a step: the job's choice, or else the settings'; None: the one the endpoint serves."""
        own = self.own(step)
        named = chosen.get(_chosen_as(step)) or own.model
        if own.base_url:
            # Another endpoint serves other models, so only a name meant for it is used.
            return named
        return named or chosen.get("default") or self.model

    def is_local(self, step: str, chosen: Mapping[str, str | None]) -> bool:
        """Whether the model of a step runs in this process.

        If an address is set, the model is there, even if its name ends in .gguf: servers such as llama.cpp
        name their models after the file.
        """
        endpoint, name = self.endpoint(step), self.name(step, chosen)
        return endpoint is None or (endpoint.base_url is None and (name or "").endswith(".gguf"))

    def price(self, step: str, chosen: Mapping[str, str | None]) -> Price | None:
        """What the model of a step costs; None if its price is unknown."""
        if self.is_local(step, chosen):
            return FREE
        name, endpoint = self.name(step, chosen), self.endpoint(step)
        return price_of(name, endpoint and endpoint.base_url, self.prices) if name else None

    def unpriced(self, spec: JobSpec) -> list[str]:
        """The names of a job's models whose price is unknown."""
        chosen = spec.models.model_dump()
        missing = [step for step in EVERY_STEP if spec.does(step) and self.price(step, chosen) is None]
        return sorted({self.name(step, chosen) or f"the model of the {step}" for step in missing})

    def require_prices(self, spec: JobSpec) -> None:
        """Raises NoPrice if the job has a budget in usd that cannot be enforced."""
        missing = self.unpriced(spec) if spec.budget and spec.budget.usd is not None else []
        if missing:
            raise no_price(*missing)


def no_price(*models: str) -> NoPrice:
    """The error of a budget in usd for models whose price is unknown."""
    return NoPrice(
        f"no price is known for {', '.join(models)}: a budget in usd cannot be kept; set GLAN_PRICES (usd "
        "per million tokens), or give the budget in tokens or calls"
    )


def _chosen_as(step: str) -> str:
    """The field of a job's models in which the model of a step is named."""
    return "judge" if step in JUDGE_STEPS else {"refinements": "answers"}.get(step, step)


def steps_of(spec: JobSpec) -> list[AnyStep]:
    """The steps that grow, and those of judging and refining that the job wants; or taxonomy alone."""
    if spec.proposes:
        return ["taxonomy"]
    return [*GROWTH, *(step for step in EVERY_STEP if step not in GROWTH and spec.does(step))]


def resolve(spec: JobSpec, settings: ModelSettings) -> dict[str, Any]:
    """What a job actually runs with, for its record: models, endpoints, prompts and sampling; never a key."""
    chosen = spec.models.model_dump()
    steps: dict[str, Any] = {}
    for step in steps_of(spec):
        endpoint = settings.endpoint(step)
        local = settings.is_local(step, chosen)
        steps[step] = {
            "model": settings.name(step, chosen) or ("the default local model" if local else None),
            "endpoint": "this machine" if local else (endpoint and endpoint.base_url) or "OpenAI",
            "prompts": prompt_hash(*spec.prompts_of(step)),
            "prompt_version": version_of(
                FINAL_PROMPT if FINAL_PROMPT in spec.prompts_of(step) else step,
                dials=step == "questions" and spec.says_dials,
            ),
            "sampling": asdict(spec.sampling_of(step)),
        }
    return {"steps": steps}


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The changes between two resolved settings, one sentence each; facts not in `before` do not count."""
    changes: list[str] = []
    for step, facts in now["steps"].items():
        was = before.get("steps", {}).get(step, {})
        changes += [
            f"{step}: {name} {was[name]} -> {value}"
            for name, value in facts.items()
            if name in was and was[name] != value
        ]
    return changes
