"""Job specs: what is refused, and how shares are spread over strata."""

import pytest
from pydantic import ValidationError

from generators.spaces.strata import STRATA
from generators.spec import JobSpec


def weights(**options: object) -> dict[str, float]:
    spec = JobSpec.model_validate({"root_id": "x", "add": 1, **options})
    return {str(s): w for s, w in zip(STRATA, spec.weights(), strict=True)}


def test_strategies_share_half_and_half_and_sizes_equally_by_default() -> None:
    found = weights()
    assert sum(w for name, w in found.items() if name.startswith("single")) == pytest.approx(0.5)
    assert found["single:1"] == pytest.approx(0.1)
    assert found["pair:2"] == pytest.approx(0.125)


def test_a_strategy_keeps_its_share_whatever_the_sizes() -> None:
    found = weights(strategies={"single": 1, "pair": 3}, concepts={"2": 1})
    assert found["single:2"] * 3 == pytest.approx(found["pair:2"])
    assert sum(1 for w in found.values() if w) == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"add": 1, "until": {"total": 3}},
        {"until": {}},
        {"until": {"total": 1, "instructions_per_concept": 1}},
        {"steps": ["questions"], "add": 1},
        {"steps": ["questions", "answers"]},
        {"add": 0},
        {"steps": ["taxonomy", "subjects"]},
        {"steps": ["taxonomy"], "add": 1},
        {"steps": ["subjects"], "taxonomy": {}},
        {"steps": ["taxonomy"], "taxonomy": {"samples": 2, "min_support": 3}},
        {"add": 1, "strategies": {"single": 0, "pair": 0}},
        {"add": 1, "strategies": {"triple": 1}},
        {"add": 1, "concepts": {"6": 1}},
        {"add": 1, "budget": {"usd": 0}},
        {"add": 1, "budget": {"eur": 1}},
        {"add": 1, "language": ""},
        {"add": 1, "sampling": {"answers": {"temperature": 9}}},
    ],
)
def test_refused(bad: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        JobSpec.model_validate({"root_id": "x", **bad})


def test_the_key_is_of_what_is_meant_not_of_how_it_is_written() -> None:
    short = JobSpec.model_validate({"root_id": "x", "add": 5})
    long = JobSpec.model_validate({"root_id": "x", "add": 5, "language": "English", "until": None})
    other = JobSpec.model_validate({"root_id": "x", "add": 6})
    assert short.key() == long.key() != other.key()


def test_sampling_keeps_the_method_where_the_job_says_nothing() -> None:
    spec = JobSpec.model_validate({"root_id": "x", "sampling": {"answers": {"max_tokens": 7}}})
    assert spec.sampling_of("answers").max_tokens == 7
    assert (spec.sampling_of("answers").temperature, spec.sampling_of("answers").top_p) == (0.7, 0.95)
    assert (spec.sampling_of("subjects").temperature, spec.sampling_of("syllabi").top_p) == (1.0, 0.95)
