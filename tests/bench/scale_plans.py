"""Profiles the plans of named read queries: what they touch for their answers, and what they should not."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import neo4j

from graph.database import Database

LONGEST_S = 60
MOST_SORTED = 10_000
Plan = dict[str, Any]


@dataclass
class Profile:
    """The figures of one query run with PROFILE."""

    seconds: float
    rows: int = 0
    hits: int = 0
    flags: list[str] = field(default_factory=list[str])
    heaviest: str = ""

    def facts(self) -> dict[str, Any]:
        """The figures as they go into the results."""
        return {
            "profile_ms": round(self.seconds * 1000, 1),
            "rows": self.rows,
            "hits": self.hits,
            "flags": self.flags,
            "heaviest": self.heaviest,
        }


async def profile(database: Database, text: str, params: dict[str, Any]) -> Profile:
    """Runs a query with PROFILE; if it takes over LONGEST_S seconds, it is flagged as cut."""
    driver: Any = database._driver  # pyright: ignore[reportPrivateUsage]
    start = perf_counter()
    try:
        async with driver.session(default_access_mode=neo4j.READ_ACCESS) as session:
            query = neo4j.Query("PROFILE " + text, timeout=LONGEST_S)  # pyright: ignore[reportArgumentType]
            result = await session.run(query, params)
            rows = 0
            async for _ in result:
                rows += 1
            summary = await result.consume()
    except neo4j.exceptions.Neo4jError as error:
        flag = "cut" if "Timed" in (error.code or "") else f"error {error.code}"
        return Profile(
            perf_counter() - start, flags=[f"{flag} after {LONGEST_S} s" if flag == "cut" else flag]
        )
    found = Profile(perf_counter() - start, rows)
    look(summary.profile, found)
    found.flags = sorted(set(found.flags))
    return found


def look(plan: Plan, found: Profile) -> None:
    """Adds the hits, flags and heaviest operator of a plan to `found`."""
    most = (0, "")
    stack = [plan]
    while stack:
        part = stack.pop()
        stack.extend(part.get("children") or ())
        arguments = part.get("args") or {}
        hits, rows = int(part.get("dbHits") or 0), int(part.get("rows") or 0)
        operator = str(part["operatorType"]).partition("@")[0]
        found.hits += hits
        if hits > most[0]:
            most = (hits, f"{operator} ({arguments.get('Details', '')}): {hits:,} hits, {rows:,} rows")
        flag = _flag(operator, rows, found.rows)
        if flag:
            found.flags.append(flag)
    found.heaviest = most[1][:300]


def _flag(operator: str, rows: int, answered: int) -> str | None:
    """What should not be in a plan whose cost should grow only with its answer; None if it is fine."""
    if operator in ("Eager", "CartesianProduct"):
        # Neither costs anything for a single row.
        return operator if rows > 1 else None
    if operator in ("AllNodesScan", "NodeByLabelScan", "UnionNodeByLabelsScan"):
        return operator
    if operator == "Sort" and rows > MOST_SORTED:
        return f"Sort of {rows:,}"
    if operator.startswith(("VarLengthExpand", "Repeat")) and rows > max(MOST_SORTED, 10 * answered):
        return f"walks {rows:,}"
    return None
