"""The spec of a job, as users write it."""

import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from generators.dials import MOST_REPEATS, DialsSpec, Share
from generators.method import DIALS_PROMPT, EVERY_STEP, MOST_CONCEPTS, MOST_SESSIONS, AnyStep, Sampling, Step
from generators.spaces.dials import DialSpace
from generators.spaces.strata import STRATA, Stratum
from graph.dials import DIALS
from graph.model import Text, UniqueName, digest

# Fields that later versions added: a spec without them keeps the key that earlier versions gave it.
ADDED = ("dials", "repeats", "held_out", "test_run")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Until(_Strict):
    """Target to grow to; exactly one of the two."""

    instructions_per_concept: Annotated[float, Field(gt=0, le=1e6)] | None = Field(
        default=None, description="Accepted instructions for each concept below the root, on average"
    )
    total: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="Accepted instructions"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.instructions_per_concept is None) == (self.total is None):
            raise ValueError("until: give either instructions_per_concept or total")
        return self


class BudgetSpec(_Strict):
    """Hard limits of a job; absent means unlimited."""

    usd: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = Field(
        default=None, description="Needs the price of every model of the job"
    )
    tokens: Annotated[int, Field(ge=1, le=10**15)] | None = Field(
        default=None, description="Tokens sent and received"
    )
    calls: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="Number of paid calls"
    )


class SamplingSpec(_Strict):
    """Sampling parameters of a step; if absent, the method's."""

    temperature: Annotated[float, Field(ge=0, le=2)] | None = Field(
        default=None, description="Passed to the endpoint as it is"
    )
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None, description="Passed to the endpoint as it is"
    )
    max_tokens: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="Maximum length of a reply in tokens"
    )


class ModelsSpec(_Strict):
    """Models by step; `default` is used for steps not listed."""

    default: Text | None = Field(default=None, description="For steps not listed")
    subjects: Text | None = Field(default=None, description="For lists of subjects")
    syllabi: Text | None = Field(default=None, description="For syllabi")
    questions: Text | None = Field(default=None, description="For questions")
    answers: Text | None = Field(default=None, description="For answers")
    judge: Text | None = Field(default=None, description="For judging questions and answers")


class JudgeSpec(_Strict):
    """What a second model judges, which costs calls of its own."""

    questions: bool = Field(
        default=False, description="Questions, before their answers are paid for; a rejected one gets none"
    )
    answers: bool = Field(default=False, description="Answers, before their instructions are accepted")


class ChecksSpec(_Strict):
    """Which checks questions and answers go through before they are kept, and before more is paid for."""

    texts: bool = Field(
        default=True,
        description="By rules: questions that cannot be understood or answered by themselves, answers that "
        "break off, repeat themselves or speak of themselves as a model",
    )
    duplicates: bool = Field(
        default=True, description="Questions that are the same as kept ones but for words that do not matter"
    )
    contamination: bool = Field(
        default=True, description="Questions and answers that contain items of the benchmarks that are loaded"
    )
    judge: JudgeSpec = Field(
        default_factory=JudgeSpec,
        description="A second model's opinion, which applies once it has told good samples from bad ones",
    )
    again: Annotated[int, Field(ge=0, le=3)] = Field(
        default=1, description="How often another question is asked for in place of a rejected one"
    )


Hold = Literal["combinations", "sessions"]


class HeldOut(_Strict):
    """A test set to make, of as many questions in each discipline."""

    name: UniqueName = Field(description="Name of the test set, and of its benchmark")
    per_discipline: Annotated[int, Field(ge=1, le=100_000)] = Field(
        default=50, description="Questions in each discipline"
    )
    hold: Hold = Field(
        default="combinations",
        description="What training never gets: these combinations of concepts, or, which is harder, all that "
        "touch one class session in twenty",
    )
    answers: bool = Field(default=False, description="Whether the questions get reference answers")


class PairwiseRun(_Strict):
    """Two models that answer the questions of a test set, and what their answers are kept by."""

    test: UniqueName = Field(description="Name of the test set")
    rival_answers: UniqueName | None = Field(
        default=None, description="Answers that were sent under this name, instead of a second model"
    )
    tag: Text = Field(
        default="", max_length=100, description="Tells checkpoints of the model apart that bear one name"
    )
    rival_tag: Text = Field(default="", max_length=100, description="The same, of the other model")


Quota = Literal["equal", "combinations", "weight", "gaps"]


class JobSpec(_Strict):
    """What to grow below a node, and how much."""

    root_id: Text = Field(description="Id of the node to grow: a syllabus or anything above one")
    steps: list[Step] | None = Field(default=None, description="Default: all that are missing below the root")
    subjects_per_discipline: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        default=None, description="Maximum subjects per discipline; default: as many as the lists name"
    )
    queries_per_discipline: int = Field(
        default=10, ge=1, le=1000, description="Number of subject lists to ask for per discipline"
    )
    sessions_per_syllabus: int = Field(
        default=MOST_SESSIONS, ge=1, le=MOST_SESSIONS, description="Maximum class sessions per syllabus"
    )
    concepts_per_session: int = Field(
        default=5, ge=1, le=MOST_CONCEPTS, description="Approximate number of key concepts per session"
    )
    add: Annotated[int, Field(ge=1, le=10**12)] | None = Field(
        default=None, description="Number of instructions to add"
    )
    until: Until | None = Field(default=None, description="Instead of add: stop once this target is reached")
    strategies: dict[Literal["single", "pair"], Share] = Field(
        default_factory=lambda: {"single": 0.5, "pair": 0.5}, description="Relative shares of the strategies"
    )
    concepts: dict[Literal["1", "2", "3", "4", "5"], Share] = Field(
        default_factory=lambda: {"1": 1.0, "2": 1.0, "3": 1.0, "4": 1.0, "5": 1.0},
        description="Relative shares of the numbers of concepts combined",
    )
    quota: Quota = Field(
        default="equal",
        description="How the target is spread over disciplines and syllabi: the same for each, by their "
        "combinations, by the weights of their nodes, or the least covered concepts first",
    )
    budget: BudgetSpec | None = Field(
        default=None, description="Hard limits; the job stops at the first one reached"
    )
    models: ModelsSpec = Field(default_factory=ModelsSpec, description="Models by step")
    sampling: dict[AnyStep, SamplingSpec] = Field(
        default_factory=dict, description="Sampling parameters by step; default: the method's"
    )
    checks: ChecksSpec = Field(
        default_factory=ChecksSpec,
        description="What is checked before it is kept and before more is paid for",
    )
    language: Annotated[Text, Field(min_length=1, max_length=60)] = Field(
        default="English", description="Language to write in"
    )
    dials: DialsSpec | None = Field(
        default=None,
        description="Difficulty, task, persona, language and format of the instructions, in relative shares",
    )
    repeats: Annotated[int, Field(ge=1, le=MOST_REPEATS)] = Field(
        default=1,
        description="How often a combination of concepts may be drawn, each time with other values of the "
        "dials; once all combinations of a stratum are drawn, they are drawn again",
    )
    held_out: HeldOut | None = Field(
        default=None, description="The test set that the job makes; POST /v1/tests creates such jobs"
    )
    test_run: PairwiseRun | None = Field(
        default=None, description="The test run that the job is; POST /v1/tests/{name}/runs creates such jobs"
    )
    seed: Annotated[int, Field(ge=0, lt=2**31)] | None = Field(
        default=None, description="Passed on to the models; endpoints do not guarantee reproducible texts"
    )

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.add is not None and self.until is not None:
            raise ValueError("give either add or until")
        if self.steps is not None and ("questions" in self.steps) != ("answers" in self.steps):
            raise ValueError("steps: questions and answers go together")
        if self.wants_instructions and self.add is None and self.until is None and self.steps:
            raise ValueError("say how many instructions: add or until")
        if not any(self.weights()):
            raise ValueError("strategies and concepts leave nothing to draw")
        if self.repeats > 1 and self.dials is None:
            raise ValueError("repeats: without dials every repeat would be the same prompt; give dials")
        return self

    @property
    def wants_instructions(self) -> bool:
        """Whether questions are part of the job."""
        return "questions" in self.steps if self.steps else self.add is not None or self.until is not None

    def does(self, step: AnyStep) -> bool:
        """Whether the job does a step where its results are missing."""
        if self.test_run:
            own = self.test_run.rival_answers is None and step == "rival_answers"
            return own or step in ("answers", "judge_pairs")
        if step == "judge_pairs" or step == "rival_answers":
            return False
        if step == "judge_questions" or step == "judge_answers":
            judge = self.checks.judge
            return self.wants_instructions and (
                judge.questions if step == "judge_questions" else judge.answers
            )
        if step == "answers" and self.held_out and not self.held_out.answers:
            return False
        if step in ("questions", "answers"):
            return self.wants_instructions
        return self.steps is None or step in self.steps

    def weights(self) -> list[float]:
        """The share of each stratum, in the order of STRATA: its strategy's share, spread by `concepts`."""
        return [self._weight(stratum) for stratum in STRATA]

    def _weight(self, stratum: Stratum) -> float:
        sizes = {s.size: self._size_share(s) for s in STRATA if s.strategy == stratum.strategy}
        total = sum(sizes.values())
        return self.strategies.get(stratum.strategy, 0.0) * sizes[stratum.size] / total if total else 0.0

    def _size_share(self, stratum: Stratum) -> float:
        names: dict[int, Literal["1", "2", "3", "4", "5"]] = {1: "1", 2: "2", 3: "3", 4: "4", 5: "5"}
        return self.concepts.get(names[stratum.size], 0.0)

    def dial_space(self, discipline: str = "") -> DialSpace:
        """The cells of the job's dials, in instructions of this discipline; one empty cell without dials."""
        return self.dials.space(discipline) if self.dials else DialSpace()

    @property
    def laps(self) -> int:
        """How often the job may draw a combination: `repeats`, but once for each cell at most."""
        return self.dial_space().laps(self.repeats)

    @property
    def holds_sessions(self) -> bool:
        """Whether it draws only from what touches sessions that are held out."""
        return self.held_out is not None and self.held_out.hold == "sessions"

    @property
    def kept_as(self) -> Literal["accepted", "held"]:
        """The status of an instruction in which nothing is left to do."""
        return "held" if self.held_out else "accepted"

    @property
    def says_dials(self) -> bool:
        """Whether prompts say what dials demand; the language alone they say without dials, too."""
        return self.dials is not None and any(getattr(self.dials, n) for n in DIALS if n != "language")

    def prompts_of(self, step: AnyStep) -> tuple[str, ...]:
        """The names of the prompts of a step."""
        more = (DIALS_PROMPT,) if step == "questions" and self.says_dials else ()
        return EVERY_STEP[step].prompts + more

    def languages(self) -> list[str]:
        """The languages in which the job writes: its own, and those of its dial."""
        return [self.language, *((self.dials and self.dials.language) or ())]

    def sampling_of(self, step: AnyStep) -> Sampling:
        """The sampling parameters of a step: the method's, overridden by the job's."""
        default, own = EVERY_STEP[step].sampling, self.sampling.get(step, SamplingSpec())
        return Sampling(
            default.temperature if own.temperature is None else own.temperature,
            default.top_p if own.top_p is None else own.top_p,
            own.max_tokens or default.max_tokens,
        )

    def key(self) -> str:
        """A digest of the spec without its budget, by which a repeated command finds the job it began."""
        spec = self.model_dump(mode="json", exclude={"budget"})
        # A job of a version without checks, or without a judge, is found by the same command.
        if self.checks == ChecksSpec():
            del spec["checks"]
        elif self.checks.judge == JudgeSpec():
            del spec["checks"]["judge"]
        if self.models.judge is None:
            del spec["models"]["judge"]
        for name in ADDED:
            if getattr(self, name) == type(self).model_fields[name].default:
                del spec[name]  # and so is one of a version without dials
        return digest(json.dumps(spec, sort_keys=True))
