"""How well small models follow the prompts: how much of a syllabus is grounded in the text it was taken from,
and how many questions can be read without the syllabus.

Run: python tests/bench/bench_prompts.py [MODEL.gguf | URL MODEL] [--save FILE] [--read FILE ...]. Without a
model, the small local model is used. `--save` keeps everything the model wrote; `--read` measures what an
earlier run kept, also of another version, and makes no calls.
"""

import argparse
import asyncio
import json
import os
import random
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parents[1]))

from generators.errors import CallFailed, Unusable
from generators.method import Sampling
from generators.models.chat import ChatModel, Message, Reply
from generators.models.client import Timeouts
from generators.models.registry import Models
from generators.models.settings import ModelSettings
from generators.steps import asking, questions, subjects, syllabi
from graph.taxonomy.syllabi import Named, Session, SyllabusContext

# Disciplines with one subject each, the same for all runs, so that only the prompts differ.
SUBJECTS = {
    "Astronomy": "Stellar Evolution",
    "Nursing": "Wound Care",
    "Law": "Contract Law",
    "Music": "Harmony and Counterpoint",
    "Computer Science": "Operating Systems",
}
LISTED, SESSIONS, CONCEPTS, QUESTIONS = 6, 4, 4, 6
# The sampling that `glan demo` uses for small models.
SAMPLING = {
    "subjects": Sampling(0.5, 0.95, 250),
    "syllabi": Sampling(0.4, 0.95, 450),
    "questions": Sampling(0.6, 0.95, 150),
}
LANGUAGE, SEED = "English", 1
# On a busy machine, a small model takes minutes per reply.
SLOW = Timeouts(read=3600, patience=3600)

Row = dict[str, Any]


@dataclass(frozen=True)
class Recorded:
    """A model that records what it was asked and what it wrote."""

    model: ChatModel
    calls: list[Row] = field(default_factory=list[Row])

    @property
    def format(self) -> Any:
        return self.model.format

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    async def chat(
        self,
        messages: Sequence[Message],
        sampling: Sampling,
        schema: Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Reply:
        reply = await self.model.chat(messages, sampling, schema, seed)
        self.calls.append({"messages": list(messages), "reply": reply.text, "finish": reply.finish_reason})
        return reply


# Writing


async def written(settings: ModelSettings, disciplines: Sequence[str], save: Path | None = None) -> list[Row]:
    """What the model writes for each discipline; saved after each one."""
    models = Models(settings)
    try:
        found: list[Row] = []
        for discipline in disciplines:
            model: Any = Recorded(await models.of("syllabi", {"default": settings.model}))
            found.append(await _discipline(model, discipline, SUBJECTS[discipline]))
            if save:
                save.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")
            print(f"{model.name}: {discipline} written", file=sys.stderr, flush=True)
        return found
    finally:
        await models.close()


async def _discipline(model: Any, discipline: str, subject: str) -> Row:
    row: Row = {"discipline": discipline, "subject": subject, "model": model.name, "errors": []}
    listed: list[Any] = await _tried(row, _subjects(model, discipline), [])
    row["subjects"] = [one.subject_name for one in listed]
    turn = syllabi.conversation(discipline, subject, "", [], SESSIONS, CONCEPTS, LANGUAGE, small=model.small)
    row["draft"], _ = await asking.draft(model, turn, SAMPLING["syllabi"], SEED)
    extraction = syllabi.extract(model, turn, row["draft"], SESSIONS, CONCEPTS, SAMPLING["syllabi"], SEED)
    extracted: Any = await _tried(row, extraction, None)
    sessions = extracted[1] if extracted else []
    row["sessions"] = [{"name": s.name, "concepts": list(s.concepts)} for s in sessions]
    row["questions"] = await _questions(model, row, sessions) if sessions else []
    row["calls"] = model.calls
    return row


async def _subjects(model: Any, discipline: str) -> list[Any]:
    turn = subjects.conversation(discipline, "", [], LISTED, LANGUAGE)
    drafted, _ = await asking.draft(model, turn, SAMPLING["subjects"], SEED)
    listed = await subjects.extract(model, turn, drafted, LISTED, SAMPLING["subjects"], SEED)
    return list(listed[0])


async def _questions(model: Any, row: Row, sessions: Sequence[Any]) -> list[Row]:
    stored = [
        Session(f"s{n}", s.name, s.description, tuple(Named(f"{n}-{i}", c) for i, c in enumerate(s.concepts)))
        for n, s in enumerate(sessions)
    ]
    context = SyllabusContext("y", row["subject"], row["discipline"], "", "", ())
    lesson = questions.Lesson(context, stored, LANGUAGE)
    found: list[Row] = []
    for n in range(QUESTIONS):
        drawn, concepts = _combination(random.Random(n), stored, pair=n % 2 == 1)
        asked = questions.ask_question(
            model,
            lesson.conversation(drawn, concepts, short=model.small),
            SAMPLING["questions"],
            SEED + n,
            language=LANGUAGE,
            topic=lesson.topic(concepts),
            concepts=concepts,
        )
        question = await _tried(row, asked, None)
        found.append({"concepts": concepts, "question": question and question[0]})
    return found


def _combination(
    choice: random.Random, sessions: Sequence[Session], *, pair: bool
) -> tuple[list[int], list[str]]:
    """Draws one session and two of its concepts, or a pair of sessions and one concept of each."""
    drawn = sorted(choice.sample(range(len(sessions)), min(len(sessions), 2 if pair else 1)))
    names = [
        c.name
        for n in drawn
        for c in choice.sample(sessions[n].concepts, min(len(sessions[n].concepts), 3 - len(drawn)))
    ]
    return drawn, list(dict.fromkeys(names))


async def _tried(row: Row, work: Any, otherwise: Any) -> Any:
    try:
        return await work
    except (Unusable, CallFailed) as error:
        row["errors"].append(str(error))
        return otherwise


# Measuring: by separate, simple rules for English, not by those of the steps.

WORD = re.compile(r"[a-z0-9]+")
SMALL = frozenset(re.findall(r"\w+", "a an and as at by for from in into of on or the their to with its"))
REFERS = re.compile(
    r"\b(?:session|lesson|class|week|chapter|module)s? (?:\d+|one|two|three|four)\b"
    r"|\b(?:as |we )(?:discussed|covered|learned|seen|mentioned)\b|\bdiscussed in\b|\b(?:this|the|our|your) "
    r"(?:syllabus|session|previous session|lecture|class session|course|module)\b|\bthese key concepts\b"
    r"|\b(?:text|passage|syllabus|list|table|figure) (?:above|below)\b|\babove (?:text|passage|list)\b",
    re.IGNORECASE,
)
OFFERS = re.compile(r"\b(?:which|what|select|choose|one) of (?:the following|these)\b|true or false:?$", re.I)
OPTIONS = re.compile(r"(?:^|[\s(])(?:[A-Da-d1-4][).:]|[-*•]) ?\S.*?(?:[A-Da-d1-4][).:]|[-*•]) ?\S", re.S)
QUOTED = re.compile(r'"([^"\n]+)"')


def stems(text: str) -> set[str]:
    """The first five letters of each word in a text, without function words."""
    return {word[:5] for word in WORD.findall(text.lower()) if word not in SMALL}


def stands_in(name: str, text: str) -> bool:
    """Whether every word of a name is in a text, with any ending."""
    return stems(name) <= stems(text)


def from_prompt(name: str, prompt: str, given: str) -> bool:
    """Whether a name is quoted in a prompt and is not `given`, the name that the prompt is about."""
    plain = " ".join(WORD.findall(name.lower()))
    quoted = {" ".join(WORD.findall(text.lower())) for text in QUOTED.findall(prompt)}
    return plain in quoted - {" ".join(WORD.findall(given.lower())), ""}


def measured(rows: Sequence[Row]) -> Row:
    """The figures of what a model wrote, over all disciplines."""
    titles = [(s["name"], row) for row in rows for s in row["sessions"]]
    concepts = [(c, row) for row in rows for s in row["sessions"] for c in s["concepts"]]
    asked = [q for row in rows for q in row["questions"]]
    good = [q for q in asked if q["question"]]
    texts = [q["question"] for q in good]
    named = [q for q in good if all(stands_in(c, q["question"]) for c in q["concepts"])]
    names = [c.lower() for c, _ in concepts]
    return {
        "sessions": len(titles),
        "from the prompt": _share([t for t, row in titles if _of_prompts(t, row)], titles),
        "not in the text": _share([t for t, row in titles if not stands_in(t, row["draft"])], titles),
        "concepts": len(concepts),
        "from the prompt ": _share([c for c, row in concepts if _of_prompts(c, row)], concepts),
        "not in the text ": _share([c for c, row in concepts if not stands_in(c, row["draft"])], concepts),
        "distinct": _share(sorted(set(names)), names),
        "questions": f"{len(good)} of {len(asked)}",
        "refer to what is not there": _share([t for t in texts if REFERS.search(t)], texts),
        "options missing": _share([t for t in texts if OFFERS.search(t) and not OPTIONS.search(t)], texts),
        "name all concepts": _share(named, good),
    }


def _of_prompts(name: str, row: Row) -> bool:
    """Whether a name is an example in the prompt that asked for the syllabus as data."""
    prompts = [call["messages"][-1]["content"] for call in row["calls"] if len(call["messages"]) == 3]
    return any(from_prompt(name, prompt, row["subject"]) for prompt in prompts if "key_concepts" in prompt)


def _share(some: Sequence[Any], whole: Sequence[Any]) -> str:
    return f"{len(some)} ({100 * len(some) / len(whole):.0f} %)" if whole else "0"


def table_row(label: str, rows: Sequence[Row]) -> Row:
    """A row of the table for what one model wrote."""
    model = rows[0]["model"] if rows else ""
    return {"prompts": label, "model": model, "disciplines": len(rows), **measured(rows)}


def measure(*, quick: bool = False) -> list[Row]:
    """One row per kept file (GLAN_BENCH_KEPT), and one for the model (GLAN_BENCH_MODEL)."""
    kept = [Path(name) for name in os.environ.get("GLAN_BENCH_KEPT", "").split(os.pathsep) if name]
    model = os.environ.get("GLAN_BENCH_MODEL")
    disciplines = list(SUBJECTS)[: 1 if quick else None]
    rows = asyncio.run(written(settings_of([model] if model else []), disciplines))
    return [*map(read, kept), table_row("now", rows)]


def read(path: Path) -> Row:
    """The row for the file that an earlier run kept."""
    return table_row(path.stem, json.loads(path.read_text(encoding="utf-8")))


def settings_of(model: Sequence[str]) -> ModelSettings:
    """Settings for the command's arguments: none, a file, or an address and a model."""
    if len(model) == 2:
        return ModelSettings(base_url=model[0], api_key=os.environ.get("OPENAI_API_KEY"), model=model[1])
    return ModelSettings(model=model[0] if model else None, local_slots=1, timeouts=SLOW)


def main() -> None:
    """Measures one model, or kept files."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("model", nargs="*", help="a .gguf file, or an address and a model's name")
    parser.add_argument("--save", type=Path)
    parser.add_argument("--read", type=Path, nargs="*", default=[])
    options = parser.parse_args()
    table = [read(path) for path in options.read]
    if not options.read:
        rows = asyncio.run(written(settings_of(options.model), list(SUBJECTS), options.save))
        table.append(table_row("now", rows))
    for row in table:
        print(json.dumps(row, indent=1))


if __name__ == "__main__":
    main()
