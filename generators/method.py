"""The method of GLAN (arXiv 2402.13064), declared once: its steps, what each asks and how, and its bounds."""

from dataclasses import dataclass
from typing import Literal

Step = Literal["taxonomy", "subjects", "syllabi", "questions", "answers"]
JudgeStep = Literal["judge_questions", "judge_answers", "critiques", "judge_pairs"]
RivalStep = Literal["rival_answers"]
AnyStep = Step | JudgeStep | RivalStep | Literal["refinements"]


@dataclass(frozen=True)
class Sampling:
    """Sampling parameters of one step, as the OpenAI protocol names them."""

    temperature: float
    top_p: float
    max_tokens: int


@dataclass(frozen=True)
class StepMethod:
    """How a step is done: the names of its prompts, and its sampling parameters."""

    prompts: tuple[str, ...]
    sampling: Sampling


# In the order in which the steps run. Lists and syllabi are first written as free text and then turned into
# data by a second prompt: asking for JSON at once gave worse lists (section 2.2). Very small models get
# shorter prompts. No prompt contains a worked example: models of all sizes copy it into the data.
METHOD: dict[Step, StepMethod] = {
    # Fields, sub-fields and disciplines, for people to vote on (section 2.1): in jobs of their own.
    "taxonomy": StepMethod(
        ("taxonomy", "taxonomy_extract", "taxonomy_small", "taxonomy_extract_small"),
        Sampling(1.0, 0.95, 4096),
    ),
    "subjects": StepMethod(("subjects", "subjects_extract"), Sampling(1.0, 0.95, 4096)),
    "syllabi": StepMethod(
        ("syllabi", "syllabi_extract", "syllabi_small", "syllabi_extract_small"), Sampling(1.0, 0.95, 8192)
    ),
    "questions": StepMethod(("questions_syllabus", "questions"), Sampling(1.0, 0.95, 2048)),
    # Section 2.4: at a lower temperature than the questions, and often by a cheaper model.
    "answers": StepMethod(("answers",), Sampling(0.7, 0.95, 4096)),
}
STEPS: tuple[Step, ...] = tuple(METHOD)
GROWTH: tuple[Step, ...] = tuple(step for step in METHOD if step != "taxonomy")
"""The steps that grow what is accepted, which a job does in one go."""

DIALS_PROMPT = "questions_dials"
"""The part of a question's prompt that says what its dials demand; only jobs with dials have it."""

CROSS_PROMPTS = ("questions_cross_syllabi", "questions_cross")
"""The prompts of questions that combine two syllabi, which are not of the paper."""

FINAL_PROMPT = "answers_final"
"""The answers' prompt where several of them are held against each other: it asks for a short final answer."""

# Not of the paper: a judge's opinion of a question before its answer is paid for, of an answer, of what could
# be better in one, and of two answers. At temperature 0, so that it is the same tomorrow.
JUDGING: dict[JudgeStep, StepMethod] = {
    "judge_questions": StepMethod(("judge_questions",), Sampling(0.0, 1.0, 2048)),
    "judge_answers": StepMethod(("judge_answers",), Sampling(0.0, 1.0, 2048)),
    "critiques": StepMethod(("critiques",), Sampling(0.0, 1.0, 2048)),
    # Two answers to one question, from 1 to 10 (section 3.5).
    "judge_pairs": StepMethod(("judge_pairs",), Sampling(0.0, 1.0, 2048)),
}
JUDGE_STEPS: tuple[JudgeStep, ...] = tuple(JUDGING)
# An answer that is written again by the model of the answers, with what a critique found.
REFINING: StepMethod = StepMethod(("refinements",), Sampling(0.7, 0.95, 4096))
# In a test run two models answer: one as the step of the answers does, and the one it is compared with.
RIVAL: dict[RivalStep, StepMethod] = {"rival_answers": METHOD["answers"]}
EVERY_STEP: dict[AnyStep, StepMethod] = {**METHOD, **RIVAL, **JUDGING, "refinements": REFINING}

MOST_NAMES = 60
"""Maximum names of fields, sub-fields or disciplines in one list; several lists are asked for per node."""
MOST_SUBJECTS = 50
"""Maximum subjects in one list; several lists are asked for per discipline."""
FEWEST_SESSIONS, MOST_SESSIONS = 10, 30
"""Minimum and maximum class sessions per syllabus."""
MOST_CONCEPTS = 8
"""Maximum key concepts per class session."""
