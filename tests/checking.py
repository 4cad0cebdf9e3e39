"""Checks of what is there, begun and awaited, for the tests of the generators."""

import asyncio
from typing import Any

from generators.models.settings import ModelSettings
from generators.running.checking import graph_check
from graph.database import Database
from graph.quality import checks
from graph.quality.checks import Check, CheckSpec

NO_MODEL = ModelSettings(base_url="http://127.0.0.1:9", model="none")


async def begin(database: Database, node: str, settings: ModelSettings = NO_MODEL, **more: Any) -> Check:
    spec = CheckSpec.model_validate({"node_id": node, **more})
    rule = await graph_check.rule_of(database, spec, settings)
    return await checks.create(database, spec, rule, "tester")


async def ended(database: Database, check_id: str) -> Check:
    """Waits until the check has ended and returns it."""
    for _ in range(600):
        check = await checks.get(database, check_id)
        if check.ended:
            return check
        await asyncio.sleep(0.05)
    raise AssertionError("the check does not end")
