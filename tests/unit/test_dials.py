"""Dials: what shares come to, that they depend on ids and spec alone, and that no cell comes twice."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from generators.dials import DialsSpec, Difficulty
from generators.prompts import prompt_hash, source
from generators.prompts.versions import VERSIONS
from generators.spaces.dials import CIRCLE, STEPS, Dial, DialSpace
from generators.spec import JobSpec
from generators.steps.questions import Lesson
from graph.dials import DIALS, DialName, alternatives, by_dial, values_of
from graph.taxonomy.syllabi import Named, Session, SyllabusContext

UNIT = 200
ALL: dict[str, Any] = {
    "difficulty": {"remember": 1, "understand": 1, "apply": 3, "analyze": 2, "evaluate": 1, "create": 1},
    "task": {"explanation": 1, "calculation": 1, "comparison": 1, "in the style of a riddle": 1},
    "persona": [f"persona {n}" for n in range(20)],
    "language": {"English": 0.8, "German": 0.2},
    "format": {"table": 5, "essay": 1, "steps": 1},
}


def space(**dials: Any) -> DialSpace:
    return DialsSpec.model_validate(dials).space()


def one_dial(name: DialName, shares: Sequence[float]) -> Dial:
    return Dial(name, tuple(map(str, range(len(shares)))), tuple(shares))


def off_by(dials: DialSpace, version: str, start: int, repeat: int = 0) -> float:
    """How far any value is from its share in the unit that begins at a position."""
    cells = [dials.cell(version, "pair:2", p, repeat) for p in range(start, start + UNIT)]
    worst = 0.0
    for n, dial in enumerate(dials.dials):
        counts, whole = Counter(cell[n] for cell in cells), sum(dial.shares)
        parts = zip(dial.values, dial.shares, strict=True)
        worst = max(worst, *(abs(counts[value] - UNIT * share / whole) for value, share in parts))
    return worst


# Shares


@pytest.mark.parametrize("name", DIALS)
def test_no_arc_is_off_by_2_among_200_steps_in_a_row(name: DialName) -> None:
    """All arcs at once: the largest distance between what is counted and what is expected of any of them."""
    points = sorted(n * STEPS[name] % CIRCLE for n in range(UNIT))
    beyond = [n - UNIT * point / CIRCLE for n, point in enumerate(points)]
    assert max(beyond) - min(beyond) + 1 < 2


@pytest.mark.parametrize(("one", "other"), [*combinations(DIALS, 2)])
def test_two_dials_go_together_as_if_drawn_independently(one: DialName, other: DialName) -> None:
    for length in (UNIT, 1000):
        for many in range(2, 7):
            for few in range(2, 7):
                joint = Counter(
                    (p * STEPS[one] % CIRCLE * many // CIRCLE, p * STEPS[other] % CIRCLE * few // CIRCLE)
                    for p in range(length)
                )
                expected = length / (many * few)
                worst = max(abs(joint[a, b] - expected) for a in range(many) for b in range(few))
                assert worst <= 1.3 * expected**0.5


@pytest.mark.parametrize("start", [0, 1, 137, 100_000, 2**40])
@pytest.mark.parametrize("repeat", [0, 1, 59])
def test_a_unit_is_right_to_within_2_of_every_share(start: int, repeat: int) -> None:
    """59 is the last repeat before cells have to come whose values are beyond their shares."""
    dials = space(**{**ALL, "format": {"table": 1}})
    assert off_by(dials, f"version {start}", start, repeat) < 2


@given(
    st.lists(st.floats(0.01, 100), min_size=1, max_size=30),
    st.integers(0, 2**50),
    st.sampled_from(DIALS),
)
@settings(deadline=None, max_examples=60)
def test_any_shares_anywhere(shares: list[float], start: int, name: DialName) -> None:
    assert off_by(DialSpace([one_dial(name, shares)]), "v", start) < 2


def test_the_order_in_which_shares_are_given_does_not_matter() -> None:
    turned = {
        name: dict(reversed(of.items())) if isinstance(of, dict) else of[::-1] for name, of in ALL.items()
    }
    doubled = {**ALL, "language": {"German": 20, "English": 80}}
    cells = [space(**ALL).cell("v", "single:1", p) for p in range(300)]
    assert cells == [space(**dict(reversed(turned.items()))).cell("v", "single:1", p) for p in range(300)]
    assert cells == [space(**doubled).cell("v", "single:1", p) for p in range(300)]


def test_syllabi_and_strata_begin_elsewhere() -> None:
    dials = space(**ALL)
    beginnings = {
        dials.cell(version, stratum, 0) for version in "abcdefgh" for stratum in ("single:1", "pair:2")
    }
    assert len(beginnings) > 10


def test_another_process_finds_the_same() -> None:
    code = (
        "import json, sys; from generators.dials import DialsSpec\n"
        "d = DialsSpec.model_validate(json.loads(sys.argv[1])).space()\n"
        "print(json.dumps([d.cell('v', 'pair:5', p, r) for p in range(0, 4000, 61) for r in (0, 1, 7, 70)]))"
    )
    here = space(**ALL)
    expected = [list(here.cell("v", "pair:5", p, r)) for p in range(0, 4000, 61) for r in (0, 1, 7, 70)]
    for seed in ("0", "1"):
        ran = subprocess.run(
            [sys.executable, "-c", code, json.dumps(ALL)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(ran.stdout) == expected


# Repeats


@pytest.mark.slow
@given(
    st.lists(st.lists(st.floats(0.001, 10), min_size=1, max_size=5), min_size=1, max_size=4),
    st.integers(0, 10**6),
    st.sampled_from(["single:1", "pair:5"]),
)
@settings(deadline=None, max_examples=80)
def test_a_combination_gets_each_cell_once(shares: list[list[float]], position: int, stratum: str) -> None:
    named = zip(DIALS, shares, strict=False)
    dials = DialSpace([one_dial(name, some) for name, some in named])
    cells = [dials.cell("v", stratum, position, repeat) for repeat in range(dials.cells)]
    assert len({*cells}) == len(cells) == dials.cells
    with pytest.raises(IndexError):
        dials.cell("v", stratum, position, dials.cells)


@pytest.mark.parametrize("many", [2, 3, 6, 7, 49])
def test_equal_shares_keep_them_in_every_lap(many: int) -> None:
    """Also where the circle cannot be divided into equal arcs."""
    dials = DialSpace([one_dial("persona", [1] * many)])
    for repeat in range(many):
        assert off_by(dials, "v", 1000, repeat) < 2


def test_no_repeats_beyond_the_cells() -> None:
    wanted = JobSpec.model_validate(
        {"root_id": "x", "add": 1, "repeats": 9, "dials": {"language": {"de": 1, "en": 1}}}
    )
    assert wanted.laps == 2
    assert JobSpec.model_validate({"root_id": "x", "add": 1}).laps == 1


def test_without_dials_there_is_the_empty_cell() -> None:
    assert DialSpace().cell("v", "single:1", 7) == ()
    assert DialSpace().cells == 1


# Personas of other disciplines


def test_everybody_asks_as_a_practitioner_of_another_discipline() -> None:
    dials = DialsSpec.model_validate({"persona": {"disciplines": ["Botany", "Law", "Music"]}})

    def personas(discipline: str) -> set[str]:
        there = dials.space(discipline)
        assert there.cells == 2
        return {cell[0] for p in range(50) for cell in [there.cell("v", "single:1", p)]}

    assert personas("Optics") == {"a practitioner of Botany", "a practitioner of Law"}
    assert personas("LAW") == {"a practitioner of Botany", "a practitioner of Music"}
    assert personas("Music") == {"a practitioner of Botany", "a practitioner of Law"}


# Specs


@pytest.mark.parametrize(
    ("dials", "said"),
    [
        ({}, "give at least one dial"),
        ({"difficulty": {"hard": 1}}, "'remember', 'understand'"),
        ({"difficulty": {"apply": 0}}, "difficulty: give at least one value a share above 0"),
        ({"difficulty": {"apply": -1}}, "greater than or equal to 0"),
        ({"task": {"proof": 1, "Proof": 1}}, "'proof' and 'Proof' are the same"),
        ({"task": {"  ": 1}}, "visible character"),
        ({"persona": ["a nurse", "A nurse"]}, "are the same"),
        ({"persona": ["x" * 201]}, "200 characters"),
        ({"persona": [f"p{n}" for n in range(201)]}, "at most 200 items"),
        ({"persona": {"disciplines": ["Law"]}}, "at least 2 items"),
        ({"colour": {"red": 1}}, "colour"),
    ],
)
def test_what_is_refused(dials: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        JobSpec.model_validate({"root_id": "x", "add": 1, "dials": dials})


def test_repeats_need_dials() -> None:
    with pytest.raises(ValidationError, match="give dials"):
        JobSpec.model_validate({"root_id": "x", "add": 1, "repeats": 2})


def test_a_spec_without_dials_keeps_its_key() -> None:
    """By which a command that is repeated finds the job it began, also one of an earlier version."""
    plain = JobSpec.model_validate({"root_id": "x", "add": 3})
    assert plain.key() == "dac3da3e6ed5ec19c0d000da0afbbe16"
    dialed = JobSpec.model_validate({"root_id": "x", "add": 3, "dials": {"language": {"German": 1}}})
    assert dialed.key() not in (plain.key(), dialed.model_copy(update={"repeats": 2}).key())


# Prompts

LESSON = Lesson(
    SyllabusContext("Optics", "Optics", "Physics", "", "", ()),
    [Session("s", "Light", "", (Named("k", "Photon"),))],
    "English",
)


def prompt(**dials: str) -> str:
    [turn] = LESSON.conversation([0], ["Photon"], dials=dials)
    return turn["content"]


def test_without_dials_the_prompt_is_what_it_was() -> None:
    [turn] = LESSON.conversation([0], ["Photon"])
    syllabus, task = turn["content"].split("\n\nWrite one homework question")
    assert "this kind" not in turn["content"]
    assert prompt(language="English") == turn["content"]
    assert prompt(language="German") == turn["content"].replace("Write it in English", "Write it in German")
    dialed = prompt(difficulty="apply", persona="a nurse")
    assert dialed.startswith(syllabus)
    assert dialed.endswith(task)


def test_a_prompt_says_what_each_dial_demands() -> None:
    said = prompt(difficulty="evaluate", task="proof", persona="a nurse", format="as a riddle")
    for words in ("judge something by criteria", "a proof or derivation", "a nurse", "as a riddle"):
        assert words in said
    levels = get_args(Difficulty)
    assert len({prompt(difficulty=level) for level in levels}) == len(levels)


def test_the_prompt_of_dials_that_was_changed_has_a_new_version() -> None:
    assert VERSIONS["dials"][-1] == prompt_hash("questions_dials"), "append its hash to VERSIONS"
    plain = JobSpec.model_validate({"root_id": "x", "add": 1, "dials": {"language": {"German": 1}}})
    assert plain.prompts_of("questions") == ("questions_syllabus", "questions")
    dialed = JobSpec.model_validate({"root_id": "x", "add": 1, "dials": {"task": {"proof": 1}}})
    assert dialed.prompts_of("questions")[-1] == "questions_dials"
    assert dialed.prompts_of("answers") == ("answers",)


# Labels


def test_labels_are_shown_counted_and_filtered_by_their_dials() -> None:
    assert values_of(["difficulty=apply", "task=x=y"]) == {
        **dict.fromkeys(DIALS), "difficulty": "apply", "task": "x=y"
    }  # fmt: skip
    assert values_of(None) is None
    assert by_dial({"task=x=y": 2, "difficulty=apply": 1, "difficulty=create": 0}) == {
        "difficulty": {"apply": 1},
        "task": {"x=y": 2},
    }
    assert alternatives(["task=a", "language=de", "task=b"]) == [["task=a", "task=b"], ["language=de"]]


@pytest.mark.parametrize(
    ("option", "names"), [("--difficulty", "demands"), ("--task", "tasks"), ("--format", "forms")]
)
def test_the_values_that_help_names_are_those_that_prompts_know(option: str, names: str) -> None:
    known = re.findall(
        r'^  "(\w+)": ', source("questions_dials").split(f"set {names} = ")[1].split("%}")[0], re.M
    )
    commands = (Path(__file__).parents[2] / "docs/reference/commands.md").read_text(encoding="utf-8")
    [told] = [
        line for line in commands.splitlines() if line.startswith(f"| `{option}` |") and known[0] in line
    ]
    assert [word for word in re.findall(r"\w+", told) if word in known] == known
