"""Jobs that combine two syllabi: what is drawn, asked, linked, counted once, and never drawn twice."""

import asyncio
import random
from collections import Counter, defaultdict
from typing import Any

import pytest
from growing import discipline, grow, made, planned, run, settings_of, working
from openai_server import Answer, Call, OpenAIServer, default_reply
from planting import Plant, rows_of

from generators.planning import supply
from generators.spec import JobSpec
from graph import coverage
from graph.database import Database
from graph.errors import Conflict
from graph.instructions import instructions
from graph.instructions.instructions import Filter
from graph.jobs import jobs
from graph.jobs.job import JobState
from graph.model import Kind
from graph.taxonomy import nodes

UNCHECKED: dict[str, Any] = {"checks": {"texts": False, "duplicates": False, "contamination": False}}
CROSS: dict[str, Any] = {"strategies": {"cross": 1}, **UNCHECKED}
ALL_STRATA = [f"cross:{n}" for n in range(2, 6)]


async def two_fields(plant: Plant) -> dict[str, str]:
    """Ids of a taxonomy, its discipline pairs and their syllabi: Optics and Vision share concepts."""
    top = await plant.node(Kind.Taxonomy, "GLAN")
    field = await plant.node(Kind.Field, "Science", top)
    ids = {"top": top, "field": field}
    for name in ("Physics", "Biology", "Law"):
        ids[name] = await plant.node(Kind.Discipline, name, field)
    optics = {"Light": ["lens", "refraction", "wavelength"], "Devices": ["telescope", "camera"]}
    vision = {"Eye": ["lens", "retina"], "Colour": ["wavelength", "cone cell"]}
    contracts = {"Forming": ["offer", "acceptance"], "Breach": ["damages"]}
    for home, name, sessions in (
        ("Physics", "Optics", optics), ("Biology", "Vision", vision), ("Law", "Contracts", contracts)
    ):
        planted = await plant.syllabus(ids[home], name, sessions)
        ids[name] = planted.id
        ids |= planted.sessions | planted.concepts
    return ids


async def stored(database: Database) -> list[dict[str, Any]]:
    return [row["i"] for row in await rows_of(database, "MATCH (i:Instruction) RETURN properties(i) AS i")]


async def test_a_first_run(database: Database, endpoint: OpenAIServer):
    ids = await two_fields(Plant(database))
    job = await grow(database, endpoint, ids["top"], add=30, **CROSS)
    print(job)
    for r in await stored(database):
        print(r["stratum"], r["sessions"], r["syllabus_id"], r.get("partner_id"), r["question_prompt_version"])
    print(await rows_of(database, "MATCH (a)-[r:CROSSED_WITH]->(b) RETURN a.name, b.name, properties(r)"))
    print(endpoint.calls[0].messages[0]["content"])
    assert 0
