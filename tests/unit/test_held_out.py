"""Held out for test sets or drawn for training: never both, in random orders of draws and edits."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from generators.planning.source import Source, positions
from generators.spaces.held_space import HeldSpace
from generators.spaces.strata import STRATA, Stratum
from generators.spaces.syllabus_space import SyllabusSpace
from generators.spec import JobSpec
from graph.database import Row, Transaction
from graph.instructions import instructions
from graph.queries import Query
from graph.taxonomy import syllabi
from graph.taxonomy.syllabi import Named, Session, Shape

ORDERS = 50
TEST = {"name": "exam", "per_discipline": 1}
TRAINING = JobSpec(root_id="d", add=1)
CONTEXT_OF = ("syllabus", "subject", "discipline", "level", "introduction", "objectives")
SPECS: dict[str, JobSpec] = {
    "train": TRAINING,
    "gaps": TRAINING,
    "combinations": JobSpec.model_validate({"root_id": "d", "held_out": TEST}),
    "sessions": JobSpec.model_validate({"root_id": "d", "held_out": TEST | {"hold": "sessions"}}),
}


def session(id_: str, concepts: str) -> Session:
    return Session(id_, "", "", tuple(Named(concept, "") for concept in concepts))


@dataclass
class Graph:
    """Two syllabi, which may come to share a session, and what has been drawn of them."""

    sessions: dict[str, list[Session]] = field(
        default_factory=lambda: {
            "y": [session("s0", "abc"), session("s1", "def"), session("s2", "agh")],
            "z": [session("s3", "klm"), session("s4", "mno")],
        }
    )
    stored: dict[str, Row] = field(default_factory=dict[str, Row])
    held: set[str] = field(default_factory=set[str])
    touched: set[str] = field(default_factory=set[str])
    training: set[str] = field(default_factory=set[str])
    test: set[str] = field(default_factory=set[str])

    async def rows(self, query: Query, combinations: Sequence[str] = (), **_: str) -> list[Row]:
        """What a transaction finds of a syllabus, or of these combinations."""
        if query is syllabi.CONTEXT:
            return [dict.fromkeys(CONTEXT_OF, "")]
        assert query is instructions.TAKEN
        made = [key for key in combinations if key in self.test | self.training]
        return [{"combination": key, "repeats": [0], "cells": [[]], **self.sides(key)} for key in made]

    def sides(self, key: str) -> Row:
        return {"held": key in self.test, "trained": key in self.training}

    def shape(self, id_: str) -> Shape:
        nothing: Row = {
            "space_version": None,
            "drawn": None,
            "ahead": [],
            "ahead_counts": [],
            "respaced": False,
        }
        there = self.stored.get(id_, nothing)
        held = [s.id for s in self.sessions[id_] if s.id in self.held]
        return Shape(id_, self.sessions[id_], held=held, **{name: there[name] for name in nothing})

    async def take(self, id_: str, how: str, most: int) -> None:
        spec, shape = SPECS[how], self.shape(id_)
        if how == "sessions":
            self.held |= {s.id for s in shape.sessions if s.id not in self.touched and s.id in ("s0", "s4")}
            shape = self.shape(id_)
        source = Source(
            cast(Transaction, self), shape, spec, guarded=bool(self.test or self.held or spec.held_out)
        )
        degrees: Any = {} if how == "gaps" else None
        drawn = await source.take([most] * len(STRATA), degrees)
        self.stored[id_] = source.row()
        for unit in drawn:
            stratum = Stratum.parse(unit["stratum"])
            for place in positions(cast(Any, unit)):
                sessions = {source.space.sessions[i].id for i in source.space.at(stratum, place).sessions}
                self.made(source.space.key_at(stratum, place), sessions, how)

    def made(self, key: str, sessions: set[str], how: str) -> None:
        assert key not in self.test, "it is drawn once, and training never gets it"
        if how in ("train", "gaps"):
            assert not sessions & self.held, "training gets nothing that touches a held session"
            self.training.add(key)
            self.touched |= sessions
        else:
            assert key not in self.training
            assert how == "combinations" or sessions & self.held
            self.test.add(key)

    def edit(self, chance: random.Random) -> None:
        """A session comes to be in both syllabi, or is in one of them no more."""
        id_, other = chance.sample(["y", "z"], 2)
        moved = chance.choice(self.sessions[other])
        there = [one.id for one in self.sessions[id_]]
        if moved.id not in there:
            self.sessions[id_].append(moved)
        elif len(there) > 2:
            self.sessions[id_].remove(moved)


def test_no_combination_is_in_both_in_any_order_of_draws_and_edits() -> None:
    seen = dict.fromkeys([*SPECS, "edit"], 0)
    both = 0
    for number in range(ORDERS):
        chance, graph = random.Random(number), Graph()
        for _ in range(12):
            how = chance.choice([*SPECS, "edit"])
            before = len(graph.test | graph.training)
            if how == "edit":
                graph.edit(chance)
            else:
                asyncio.run(graph.take(chance.choice(["y", "z"]), how, chance.choice([1, 3, 60])))
            seen[how] += how == "edit" or len(graph.test | graph.training) > before
        both += bool(graph.test and graph.training)
    assert both > ORDERS / 2, "most orders have something on both sides"
    assert min(seen.values()) > ORDERS / 5, seen


def test_a_held_space_lists_exactly_what_touches_its_sessions() -> None:
    shared = ("a", "b")
    sessions = [
        Session(f"s{n}", "", "", tuple(Named(id_, "") for id_ in ids))
        for n, ids in enumerate([("a", "b", "c"), (*shared, "d"), ("e",), ("c", "f", "g", "h")])
    ]
    space = SyllabusSpace("y", sessions)
    for held in ({"s2"}, {"s0", "s3"}, set[str](), {"unknown"}):
        touching = HeldSpace(space, held)
        for stratum, size, found in zip(STRATA, space.capacity, touching.capacity, strict=True):
            expected = {
                position
                for position in range(size)
                if any(space.sessions[i].id in held for i in space.at(stratum, position).sessions)
            }
            listed = list(touching.positions(stratum))
            assert len(listed) == found
            assert sorted(listed) == sorted(expected)
