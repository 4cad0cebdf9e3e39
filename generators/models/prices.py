"""What calls cost: the user's own prices first, then those of genai-prices. None: the price is unknown.

A model is looked up once; the resulting `Price` then computes the cost of each call.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice

MILLION = 1_000_000
# Half-hours per day: no known price changes in finer steps.
HALF_HOURS = 48

Usd = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]


class OwnPrice(BaseModel):
    """What the user pays for a model, in usd per million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Usd = Field(description="Prompt tokens")
    output: Usd = Field(description="Completion tokens, those of thinking among them")


@dataclass(frozen=True, slots=True)
class Tier:
    """Prices of a call whose prompt has more than `above` tokens, in usd per million tokens."""

    above: int
    input: float
    output: float


@dataclass(frozen=True, slots=True)
class Price:
    """What a model costs, in usd per million tokens; `call` is the usd per call besides its tokens."""

    input: float
    output: float
    call: float = 0.0
    tiers: tuple[Tier, ...] = ()
    """Tiers of the longest prompts first; a call pays the tier that its prompt reaches for all its tokens."""
    source: str = ""
    """Where the price comes from, for people."""

    def usd(self, prompt_tokens: float, completion_tokens: float) -> float:
        """The cost of one call in usd; of several calls only if there are no tiers and no price per call."""
        for tier in self.tiers:
            if prompt_tokens > tier.above:
                return self.call + (prompt_tokens * tier.input + completion_tokens * tier.output) / MILLION
        return self.call + (prompt_tokens * self.input + completion_tokens * self.output) / MILLION


FREE = Price(0.0, 0.0, source="runs on this machine")


def price_of(model: str | None, base_url: str | None, own: Mapping[str, OwnPrice]) -> Price | None:
    """The price of a model at an endpoint (None: OpenAI itself); None, never zero, if it is unknown."""
    if model is None:
        return None
    if model in own:
        return Price(own[model].input, own[model].output, source="GLAN_PRICES")
    return _kept(model, base_url, datetime.now(UTC).date().isoformat())


@lru_cache(maxsize=256)
def _kept(model: str, base_url: str | None, day: str) -> Price | None:
    """A model's price in genai-prices; `day` is part of the cache key, so that price changes are seen."""
    # Imported here because it takes a fifth of a second, which commands without a model should not pay.
    from genai_prices.data_snapshot import get_snapshot

    provider_id = "openai" if base_url is None else None
    try:
        provider, info = get_snapshot().find_provider_model(model, None, provider_id, base_url)
    except LookupError:
        return None
    return _dearest(info, datetime.fromisoformat(day).replace(tzinfo=UTC), f"{provider.name}, {info.id}")


def _dearest(info: "ModelInfo", day: datetime, source: str) -> Price | None:
    """The price in the dearest half-hour, as a budget must hold all day; None if any price is unknown."""
    if info.id.endswith(":free"):
        return Price(0.0, 0.0, source=source)
    hours = [day + timedelta(minutes=30 * n) for n in range(HALF_HOURS)]
    prices = [_price(info.get_prices(hour), source) for hour in hours]
    known = [price for price in prices if price is not None]
    if len(known) < len(prices):
        return None
    return max(known, key=lambda price: (price.input + price.output, price.call))


def _price(prices: "ModelPrice", source: str) -> Price | None:
    """As a Price; None for models not paid by tokens in and out: pictures, speech, embeddings."""
    paid_in, paid_out = _Tiered.of(prices.input_mtok), _Tiered.of(prices.output_mtok)
    if paid_in is None or paid_out is None:
        return None
    calls = _Tiered.of(prices.requests_kcount)
    starts = sorted({start for start, _ in (*paid_in.tiers, *paid_out.tiers)}, reverse=True)
    return Price(
        paid_in.base,
        paid_out.base,
        calls.base / 1000 if calls else 0.0,
        tuple(Tier(start, paid_in.above(start), paid_out.above(start)) for start in starts),
        source,
    )


@dataclass(frozen=True)
class _Tiered:
    """A price that may rise with the prompt's length: tiers (start, price), the shortest prompts first."""

    base: float
    tiers: tuple[tuple[int, float], ...] = ()

    @classmethod
    def of(cls, value: object) -> "_Tiered | None":
        from genai_prices.types import TieredPrices

        if value is None:
            return None
        if isinstance(value, TieredPrices):
            tiers = tuple((tier.start, float(tier.price)) for tier in value.tiers)
            return cls(float(value.base), tiers)
        return cls(float(str(value)))

    def above(self, start: int) -> float:
        """The price of prompts with more than `start` tokens, up to the next tier."""
        return next((price for at, price in reversed(self.tiers) if at <= start), self.base)


def own_prices(given: object) -> dict[str, OwnPrice]:
    """The user's prices from JSON text or parsed JSON. Raises ValueError that says what to write."""
    form = 'such as {"my-model": {"input": 0.15, "output": 0.6}}, in usd per million tokens'
    try:
        value: Any = json.loads(given) if isinstance(given, str) else given
    except ValueError as error:
        raise ValueError(f"is not JSON ({error}); write it {form}") from None
    if not isinstance(value, dict):
        raise ValueError(f"must be an object of models, {form}")
    models = cast(dict[str, Any], value)
    return {model: _own_price(model, price, form) for model, price in models.items()}


def _own_price(model: str, price: object, form: str) -> OwnPrice:
    try:
        return OwnPrice.model_validate(price)
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'price'}: {e['msg']}" for e in error.errors())
        raise ValueError(f"{model}: {said}; write it {form}") from None
