"""The dials of a job as users write them: what its instructions should be like, in relative shares."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from generators.spaces.dials import Dial, DialSpace
from graph.dials import DIALS, DialName
from graph.text import normal_name, visible_name

Share = Annotated[float, Field(ge=0, le=1e6, allow_inf_nan=False)]

# Levels of Bloom's taxonomy as revised by Anderson and Krathwohl (2001), from the lowest to the highest.
Difficulty = Literal["remember", "understand", "apply", "analyze", "evaluate", "create"]

MOST_VALUES, MOST_PERSONAS = 50, 200
MOST_REPEATS = 1000

Value = Annotated[str, Field(max_length=100), AfterValidator(visible_name)]
LanguageName = Annotated[str, Field(max_length=60), AfterValidator(visible_name)]
Persona = Annotated[str, Field(max_length=200), AfterValidator(visible_name)]
Shares = Annotated[dict[Value, Share], Field(min_length=1, max_length=MOST_VALUES)]
Personas = Annotated[list[Persona], Field(min_length=1, max_length=MOST_PERSONAS)]


class OfDisciplines(BaseModel):
    """Practitioners of disciplines, in equal shares: of all but the last one.

    In instructions of a discipline that is among them, the last one takes its place, so that everybody asks
    as a practitioner of another discipline.
    """

    model_config = ConfigDict(extra="forbid")

    disciplines: Annotated[list[Persona], Field(min_length=2, max_length=MOST_PERSONAS)] = Field(
        description="Names of disciplines; all different"
    )


def _kind(persona: object) -> str:
    if isinstance(persona, list):
        return "list"
    return "graph" if isinstance(persona, str) else "disciplines"


# One error for each wrong value, not one for each form that it does not have.
PersonaSpec = Annotated[
    Annotated[Literal["graph"], Tag("graph")]
    | Annotated[Personas, Tag("list")]
    | Annotated[OfDisciplines, Tag("disciplines")],
    Discriminator(_kind),
]


class DialsSpec(BaseModel):
    """Relative shares of the values of each dial; a dial that is absent is off.

    Each instruction gets a value of every dial, as a function of its id and of these shares: among 200 in a
    row, each value is right to within 2.
    """

    model_config = ConfigDict(extra="forbid")

    difficulty: Annotated[dict[Difficulty, Share], Field(min_length=1)] | None = Field(
        default=None, description="What the question demands, by Bloom's taxonomy"
    )
    task: Shares | None = Field(
        default=None,
        description="What kind of task it is: one of those that glan knows, such as calculation or "
        "comparison, or any other, in words for the model",
    )
    persona: PersonaSpec | None = Field(
        default=None,
        description="Whoever asks, in equal shares: `graph` for practitioners of other disciplines of the "
        "graph, drawn when the job is planned; or a list of descriptions, such as `a nurse on night duty`",
    )
    language: Annotated[dict[LanguageName, Share], Field(min_length=1, max_length=MOST_VALUES)] | None = (
        Field(default=None, description="In which language question and answer are, in place of `language`")
    )
    format: Shares | None = Field(
        default=None,
        description="The form of the answer, which the question asks for: one of those that glan knows, such "
        "as multiple_choice or table, or any other, in words for the model",
    )

    @model_validator(mode="after")
    def _usable(self) -> Self:
        given: list[DialName] = [name for name in DIALS if getattr(self, name) is not None]
        if not given:
            raise ValueError(f"give at least one dial: {', '.join(DIALS)}")
        if isinstance(self.persona, OfDisciplines):
            _require_different("persona", self.persona.disciplines)
        for name in given:
            shares = self._shares(name)
            _require_different(name, shares)
            if not any(shares.values()) and not self.unresolved:
                raise ValueError(f"{name}: give at least one value a share above 0")
        return self

    def _shares(self, name: DialName) -> Mapping[str, float]:
        if name == "persona":
            return self._personas()
        found: Mapping[str, float] | None = getattr(self, name)
        return found or {}

    def _personas(self) -> dict[str, float]:
        persona = self.persona
        if isinstance(persona, OfDisciplines):
            return {practitioner(name): 1.0 for name in persona.disciplines[:-1]}
        if persona is None or persona == "graph":
            return {}
        _require_different("persona", persona)
        return dict.fromkeys(persona, 1.0)

    @property
    def unresolved(self) -> bool:
        """Whether personas are still to be drawn from the graph."""
        return self.persona == "graph"

    def space(self, discipline: str = "") -> DialSpace:
        """The cells of these dials, in instructions of this discipline.

        The order of the values is that of their names, so that it does not matter how they were given. Raises
        ValueError as long as personas are unresolved.
        """
        if self.unresolved:
            raise ValueError("the personas are still to be drawn from the graph")
        found = DialSpace([_dial(name, shares) for name in DIALS if (shares := self._shares(name))])
        if isinstance(self.persona, OfDisciplines):
            *others, spare = self.persona.disciplines
            for other in others:
                if normal_name(other) == normal_name(discipline):
                    found = found.instead("persona", practitioner(other), practitioner(spare))
        return found


def _require_different(name: str, values: Iterable[str]) -> None:
    seen = dict[str, str]()
    for value in values:
        if (other := seen.setdefault(normal_name(value), value)) is not value:
            raise ValueError(f"{name}: {other!r} and {value!r} are the same; give it once")


def _dial(name: DialName, shares: Mapping[str, float]) -> Dial:
    wanted = sorted((value, share) for value, share in shares.items() if share)
    return Dial(name, tuple(value for value, _ in wanted), tuple(share for _, share in wanted))


def practitioner(discipline: str) -> str:
    """The persona of somebody who works in a discipline."""
    return f"a practitioner of {discipline}"
