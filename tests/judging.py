"""Judges of the tests: each sees only what a judge is sent, and replies as a model might."""

import json
import re
from collections.abc import Callable
from typing import Any

from openai_server import Answer, Call, default_reply

from generators.quality.judging import sentinels

JUDGES = ("judge_questions", "judge_answers")


def opinion(step: str, *, good: bool) -> dict[str, Any]:
    """What a judge says of something good, or of something bad."""
    if step == "judge_questions":
        marks = {"self_contained": good, "answerable": good, "one_task": good}
        return {"reasoning": "as it is", **marks, "on_concepts": "all", "level": "graduate"}
    marks = {"correct": good, "complete": True, "follows": 5 if good else 1}
    return {"reasoning": "as it is", **marks, "flaws": [] if good else ["wrong_fact"]}


def judged(call: Call) -> str:
    """What a judge is asked about: the question, or the answer."""
    name = "question" if call.step == "judge_questions" else "answer"
    text = call.messages[0]["content"]
    found = re.search(f"<{name}>\n(.*)\n</{name}>", text, re.DOTALL)
    assert found
    return found[1]


def judging(judge: Callable[[Call], Answer], other: Callable[[Call], Answer] = default_reply) -> Any:
    """Replies of a server whose judge is `judge`."""
    return lambda call: judge(call) if call.step in JUDGES else other(call)


def always(*, good: bool) -> Callable[[Call], Answer]:
    """A judge that finds everything good, or everything bad."""
    return lambda call: Answer(json.dumps(opinion(call.step, good=good)))


def good_judge(is_good: Callable[[str], bool]) -> Callable[[Call], Answer]:
    """A judge that knows the shipped samples; of what is the job's own, `is_good` says what it finds."""
    shipped = {
        one.answer or one.question: one.good
        for part in ("question", "answer")
        for good in (True, False)
        for one in sentinels.shipped(part, good=good)
    }

    def reply(call: Call) -> Answer:
        text = judged(call)
        good = shipped[text] if text in shipped else is_good(text)
        return Answer(json.dumps(opinion(call.step, good=good)))

    return reply
