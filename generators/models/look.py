"""Checks whether the configured model is available, by the endpoint's list of models; nothing is paid for."""

import asyncio
from dataclasses import replace

from generators.errors import EndpointUnavailable
from generators.models import local_model
from generators.models.client import Client, Timeouts
from generators.models.registry import require
from generators.models.settings import ModelSettings


def look_at_model(settings: ModelSettings, patience_s: float) -> str:
    """Which model is used and where, in a few words. Raises GenerationError that says what to do."""
    require(settings, {})
    if settings.is_local("questions", {}):
        return f"local, {settings.model or local_model.default_weights()}"
    endpoint = settings.endpoint("questions")
    assert endpoint
    served = asyncio.run(_served(replace(settings, timeouts=Timeouts(patience_s, patience_s)), patience_s))
    name = settings.model or ("the one it serves" if len(served) == 1 else "no name given")
    unknown = (
        f" (which does not list {settings.model})" if settings.model and settings.model not in served else ""
    )
    return f"{name} at {endpoint.name}{unknown if served else ''}"


async def _served(settings: ModelSettings, patience_s: float) -> list[str]:
    endpoint = settings.endpoint("questions")
    assert endpoint
    client = Client(endpoint, settings.timeouts)
    try:
        async with asyncio.timeout(patience_s):
            return await client.model_names()
    except TimeoutError:
        raise EndpointUnavailable(f"{endpoint.name} did not answer within {patience_s:g} s") from None
    finally:
        await client.close()
