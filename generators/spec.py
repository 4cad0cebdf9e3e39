"""The spec of a job, as users write it."""

import json
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from generators.dials import MOST_REPEATS, DialsSpec, Share
from generators.method import (
    CROSS_PROMPTS,
    DIALS_PROMPT,
    EVERY_STEP,
    FINAL_PROMPT,
    MOST_CONCEPTS,
    MOST_NAMES,
    MOST_SESSIONS,
    AnyStep,
    Sampling,
    Step,
)
from generators.spaces.dials import DialSpace
from generators.spaces.strata import ALL_STRATA, CROSS_STRATA, STRATA, Strategy, Stratum
from graph.dials import DIALS
from graph.model import Text, UniqueName, digest

# Fields that later versions added: a spec without them keeps the key that earlier versions gave it.
ADDED = ("dials", "repeats", "neighbours", "held_out", "test_run", "taxonomy")
ADDED_CHECKS = ("judge", "consensus", "refine")

MOST_NEIGHBOURS = 50


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
    taxonomy: Text | None = Field(default=None, description="For fields, sub-fields and disciplines")
    subjects: Text | None = Field(default=None, description="For lists of subjects")
    syllabi: Text | None = Field(default=None, description="For syllabi")
    questions: Text | None = Field(default=None, description="For questions")
    answers: Text | None = Field(default=None, description="For answers")
    judge: Text | None = Field(
        default=None, description="For judging questions and answers, criticising answers and comparing them"
    )


class JudgeSpec(_Strict):
    """What a second model judges, which costs calls of its own."""

    questions: bool = Field(
        default=False, description="Questions, before their answers are paid for; a rejected one gets none"
    )
    answers: bool = Field(default=False, description="Answers, before their instructions are accepted")


class RefineSpec(_Strict):
    """Answers that are criticised and written again, which costs calls of its own."""

    answers: bool = Field(
        default=False,
        description="Have the judge's model name what could be better in an answer, and the answers' model "
        "write it again",
    )
    compare: Annotated[float, Field(gt=0, le=1)] = Field(
        default=0.05,
        description="Share of the refined answers that the judge compares with what they were made from, in "
        "both orders, after the first 20, which it compares all",
    )


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
    consensus: bool = Field(
        default=False,
        description="Where an answer ends in a short final answer: ask for two answers, and for up to five "
        "if these differ; without three that agree the instruction is rejected",
    )
    refine: RefineSpec = Field(
        default_factory=RefineSpec,
        description="Answers written again after a critique, as long as that makes them better",
    )
    again: Annotated[int, Field(ge=0, le=3)] = Field(
        default=1, description="How often another question is asked for in place of a rejected one"
    )


Hold = Literal["combinations", "sessions"]


class HeldOut(_Strict):
    """A test set to make, of as many questions in each discipline."""

    name: UniqueName = Field(
        description="Name of the test set and of its benchmark: letters, digits, dots, dashes and underscores"
    )
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


Levels = Literal["fields", "subfields", "disciplines", "all"]


class TaxonomySpec(_Strict):
    """What is asked for in the step taxonomy."""

    samples: Annotated[int, Field(ge=1, le=50)] = Field(
        default=5,
        description="Lists of names to ask for at each node, independently of each other; a proposed node's "
        "support is the number of lists that have it",
    )
    levels: Levels = Field(
        default="all", description="Fields, sub-fields or disciplines alone, or all that go below the root"
    )
    names: Annotated[int, Field(ge=1, le=MOST_NAMES)] = Field(
        default=MOST_NAMES, description="Maximum names in one list"
    )
    min_support: Annotated[int, Field(ge=1, le=50)] = Field(
        default=1,
        description="Proposed fields and sub-fields with less support get no lists of their own, which saves "
        "most of the calls",
    )

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.min_support > self.samples:
            raise ValueError("min_support: no node can have more support than there are samples")
        return self


Quota = Literal["equal", "combinations", "weight", "gaps"]


class JobSpec(_Strict):
    """What to grow below a node, and how much."""

    root_id: Text = Field(description="Id of the node to grow: a syllabus or anything above one")
    steps: list[Step] | None = Field(
        default=None,
        description="Default: all that are missing below the root, without taxonomy. What the step taxonomy "
        "proposes is grown once it is accepted, so it is a job of its own",
    )
    taxonomy: TaxonomySpec | None = Field(
        default=None,
        description="What the step taxonomy asks for: fields, sub-fields and disciplines below the root",
    )
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
    strategies: dict[Strategy, Share] = Field(
        default_factory=lambda: {"single": 0.5, "pair": 0.5},
        description="Relative shares of the strategies: concepts of one session, of two sessions of one "
        "syllabus, or of sessions of two syllabi",
    )
    neighbours: Annotated[int, Field(ge=1, le=MOST_NEIGHBOURS)] = Field(
        default=8,
        description="With the strategy cross: with how many others each syllabus is crossed, those that it "
        "goes best with",
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
        if self.proposes and set(self.steps or ()) != {"taxonomy"}:
            raise ValueError("steps: taxonomy stands alone; grow what it proposes once it is accepted")
        if self.taxonomy is not None and not self.proposes:
            raise ValueError('taxonomy: give it with steps: ["taxonomy"]')
        if self.proposes and (self.add is not None or self.until is not None):
            raise ValueError("the step taxonomy makes no instructions: leave out add and until")
        if self.steps is not None and ("questions" in self.steps) != ("answers" in self.steps):
            raise ValueError("steps: questions and answers go together")
        if self.wants_instructions and self.add is None and self.until is None and self.steps:
            raise ValueError("say how many instructions: add or until")
        if not any(self.all_weights()):
            raise ValueError("strategies and concepts leave nothing to draw")
        if self.repeats > 1 and self.dials is None:
            raise ValueError("repeats: without dials every repeat would be the same prompt; give dials")
        return self

    @property
    def proposes(self) -> bool:
        """Whether the job has fields, sub-fields and disciplines proposed."""
        return "taxonomy" in (self.steps or ())

    @property
    def naming(self) -> TaxonomySpec:
        """What is asked for in the step taxonomy."""
        return self.taxonomy or TaxonomySpec()

    @property
    def wants_instructions(self) -> bool:
        """Whether questions are part of the job."""
        return "questions" in self.steps if self.steps else self.add is not None or self.until is not None

    def does(self, step: AnyStep) -> bool:
        """Whether the job does a step where its results are missing."""
        if self.test_run:
            own = self.test_run.rival_answers is None and step == "rival_answers"
            return own or step in ("answers", "judge_pairs")
        if step == "taxonomy":
            return self.proposes
        if step in ("subjects", "syllabi"):
            return self.steps is None or step in self.steps
        if step == "answers" and self.held_out and not self.held_out.answers:
            return False
        return self.wants_instructions and {
            "judge_questions": self.checks.judge.questions,
            "judge_answers": self.checks.judge.answers,
            "critiques": self.checks.refine.answers,
            "refinements": self.checks.refine.answers,
            "judge_pairs": self.checks.refine.answers,
            "rival_answers": False,
        }.get(step, True)

    def weights(self, *, across: bool = False) -> list[float]:
        """The share of each stratum, in the order of STRATA: its strategy's share, spread by `concepts`.

        `across`: those of CROSS_STRATA instead.
        """
        return [self._weight(stratum) for stratum in (CROSS_STRATA if across else STRATA)]

    def all_weights(self) -> list[float]:
        """The share of each stratum, in the order of ALL_STRATA."""
        return [*self.weights(), *self.weights(across=True)]

    @property
    def cross_share(self) -> float:
        """The part of the instructions that come from crossings, 0 to 1."""
        return sum(self.weights(across=True)) / sum(self.all_weights())

    def _weight(self, stratum: Stratum) -> float:
        sizes = {s.size: self._size_share(s) for s in ALL_STRATA if s.strategy == stratum.strategy}
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
        if step == "answers" and self.checks.consensus:
            return (FINAL_PROMPT,)
        if step != "questions":
            return EVERY_STEP[step].prompts
        crossed = CROSS_PROMPTS if self.cross_share else ()
        return self.prompts_of_question("pair") + crossed

    def prompts_of_question(self, strategy: Strategy) -> tuple[str, ...]:
        """The names of the prompts of a question of one strategy."""
        prompts = CROSS_PROMPTS if strategy == "cross" else EVERY_STEP["questions"].prompts
        return prompts + ((DIALS_PROMPT,) if self.says_dials else ())

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
        without = ChecksSpec()
        for name in ADDED_CHECKS:
            if getattr(self.checks, name) == getattr(without, name):
                del spec["checks"][name]
        if self.checks == without:
            del spec["checks"]
        for model in ("judge", "taxonomy"):
            if getattr(self.models, model) is None:
                del spec["models"][model]
        for name in ADDED:
            if getattr(self, name) == type(self).model_fields[name].default:
                del spec[name]  # and so is one of a version without dials
        return digest(json.dumps(spec, sort_keys=True))
