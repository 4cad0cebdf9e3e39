"""Prices: the user's own, the library's, or none; and tiers by the length of a prompt."""

import json
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from genai_prices import Usage, calc_price
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice, Provider, TieredPrices, TimeOfDateConstraint
from pydantic import ValidationError

from generators.models import prices
from generators.models.prices import FREE, OwnPrice, Price, Tier, price_of
from service.settings import Settings

OWN = {"my-model": OwnPrice(input=0.15, output=0.6), "gpt-4o-mini": OwnPrice(input=1, output=2)}
LIBRARY = get_snapshot()


def test_own_price_is_per_million_tokens():
    price = price_of("my-model", "http://127.0.0.1:8000/v1", OWN)
    assert price
    assert price.usd(1_000_000, 0) == 0.15
    assert price.usd(0, 500_000) == 0.3
    assert price.source == "GLAN_PRICES"


def test_own_price_goes_before_the_librarys():
    known = price_of("gpt-4o-mini", None, {})
    assert known
    assert known.usd(1_000_000, 1_000_000) == pytest.approx(0.75)
    own = price_of("gpt-4o-mini", None, OWN)
    assert own
    assert own.usd(1_000_000, 1_000_000) == 3


def test_a_gateway_has_its_own_models():
    through = price_of("openai/gpt-4o-mini", "https://openrouter.ai/api/v1", {})
    assert through
    assert "OpenRouter" in through.source
    assert price_of("gemini-2.5-pro", "https://generativelanguage.googleapis.com/v1beta/openai/", {})


@pytest.mark.parametrize(
    ("model", "base_url"),
    [
        ("gpt-99-imagined", None),
        ("gpt-4o-mini", "http://127.0.0.1:8000/v1"),  # not OpenAI, whatever it is
        ("gpt-4o-mini", "https://llm.example.org/v1"),
        ("text-embedding-3-small", None),
        (None, None),
    ],
)
def test_what_nobody_knows_is_none_and_not_zero(model: str | None, base_url: str | None):
    assert price_of(model, base_url, {}) is None


def test_free_is_known_to_be_free():
    assert FREE.usd(10**9, 10**9) == 0
    through = price_of("meta-llama/llama-3.3-70b-instruct:free", "https://openrouter.ai/api/v1", {})
    assert through
    assert through.usd(10**6, 10**6) == 0


def test_a_tier_is_paid_for_the_whole_call():
    price = Price(1, 2, tiers=(Tier(200_000, 4, 8), Tier(100_000, 2, 4)))
    assert price.usd(100_000, 1_000_000) == pytest.approx(0.1 + 2)
    assert price.usd(100_001, 0) == pytest.approx(0.200002)
    assert price.usd(200_000, 0) == pytest.approx(0.4)
    assert price.usd(200_001, 1_000_000) == pytest.approx(0.800004 + 8)


def test_tiers_with_starts_of_their_own_are_joined():
    found = prices._price(
        ModelPrice(
            input_mtok=TieredPrices(base=Decimal(1), tiers=[_tier(100, 2), _tier(300, 3)]),
            output_mtok=TieredPrices(base=Decimal(10), tiers=[_tier(200, 20)]),
        ),
        "",
    )
    assert found
    assert found.tiers == (Tier(300, 3, 20), Tier(200, 2, 20), Tier(100, 2, 10))


def _tier(start: int, price: int) -> Any:
    from genai_prices.types import Tier as LibraryTier

    return LibraryTier(start=start, price=Decimal(price))


CHATTING = [
    (provider, model)
    for provider in LIBRARY.providers
    for model in provider.models
    if not isinstance(model.prices, list)
    or not any(isinstance(p.constraint, TimeOfDateConstraint) for p in model.prices)
]


def test_every_model_costs_what_the_library_says():
    """Compared below, at and above the tiers; models that are not paid by tokens have no price here."""
    now = datetime.now(UTC)
    compared = 0
    for provider, model in CHATTING:
        price = prices._dearest(model, now.replace(hour=0, minute=0, second=0, microsecond=0), "")
        if price is None:
            continue
        for usage in ((1200, 400), (150_000, 2000), (300_000, 9000)):
            assert price.usd(*usage) == pytest.approx(_library(provider, model, now, *usage)), model.id
            compared += 1
    assert compared > 3000


def _library(provider: Provider, model: Any, now: datetime, prompt: int, completion: int) -> float:
    usage = Usage(input_tokens=prompt, output_tokens=completion)
    return float(model.calc_price(usage, provider, genai_request_timestamp=now).total_price)


def test_a_price_that_changes_over_the_day_is_that_of_the_dearest_hour():
    base_url = "https://api.deepseek.com"
    price = price_of("deepseek-reasoner", base_url, {})
    assert price
    day = datetime.now(UTC).date()
    usage = Usage(input_tokens=1000, output_tokens=1000)
    hours = [datetime.combine(day, time(hour), UTC) for hour in range(24)]
    costs = {
        float(
            calc_price(
                usage, "deepseek-reasoner", provider_api_url=base_url, genai_request_timestamp=hour
            ).total_price
        )
        for hour in hours
    }
    assert len(costs) > 1, "the library has no such model any more: take another"
    assert price.usd(1000, 1000) == pytest.approx(max(costs))


def test_a_price_by_the_call_is_counted():
    price = price_of("sonar", "https://api.perplexity.ai", {})
    assert price
    assert price.call == pytest.approx(0.012)
    assert price.usd(1_000_000, 0) == pytest.approx(1.012)


# The setting


def test_setting_reads_json(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GLAN_PRICES", json.dumps({"my-model": {"input": 0.15, "output": 0.6}}))
    assert Settings().prices == {"my-model": OwnPrice(input=0.15, output=0.6)}
    monkeypatch.delenv("GLAN_PRICES")
    assert Settings().prices == {}
    assert Settings(prices=OWN).prices == OWN


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{oops", "is not JSON"),
        ("[1]", "an object of models"),
        ('{"m": 3}', "m: price: "),
        ('{"m": {"input": 1}}', "m: output: Field required"),
        ('{"m": {"input": -1, "output": 1}}', "m: input: Input should be greater than or equal to 0"),
        ('{"m": {"input": 1, "output": 1, "cached": 1}}', "m: cached: Extra inputs"),
        ('{"m": {"input": NaN, "output": 1}}', "m: input: "),
    ],
)
def test_setting_that_cannot_be_says_which_model_and_what_to_write(
    monkeypatch: pytest.MonkeyPatch, given: str, says: str
):
    monkeypatch.setenv("GLAN_PRICES", given)
    with pytest.raises(ValidationError) as caught:
        Settings()
    [error] = caught.value.errors()
    assert error["loc"] == ("prices",)
    assert says in error["msg"]
    assert '{"my-model": {"input": 0.15, "output": 0.6}}' in error["msg"]
