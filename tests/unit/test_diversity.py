"""Figures of diversity: exact where they can be computed by hand, ordered as texts are, in any order."""

import random
from collections import Counter
from math import exp, isclose, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.quality.diversity import Sample, Templates, figures, masked, vendi, words

TOPICS = ("tides", "bees", "verbs", "taxes", "glaciers", "violins", "enzymes", "bridges", "poems", "sailing")
ASKS = ("Why do {} matter?", "Explain {} to a child.", "Compare two kinds of {}.", "What is wrong with {}?")


def template(rng: random.Random) -> str:
    speed, distance = rng.randint(20, 200), rng.randint(10, 500)
    return f"A train covers {distance} km at {speed} km/h. How long does the journey take?"


def various(rng: random.Random, n: int) -> str:
    made_up = " ".join("".join(rng.choices("aeiklmnorst", k=6)) for _ in range(8))
    return rng.choice(ASKS).format(rng.choice(TOPICS)) + f" {made_up} {n}"


def test_by_hand():
    found = figures(["One fish, two fish", "two fish swim"])
    assert found["sample"] == 2
    assert found["distinct_1"] == 4 / 7
    assert found["distinct_2"] == 4 / 5  # one fish, fish two, two fish (twice), fish swim
    assert found["distinct_3"] == 3 / 3
    assert found["unique_openings"] == 1
    assert found["openings"][0] == {"words": "one fish two", "count": 1}


def test_the_vendi_score_counts_kinds_of_texts():
    alike, apart = [["a", "b", "c"]] * 50, [[f"{n}", f"{n}x", f"{n}y"] for n in range(50)]
    assert isclose(vendi(alike), 1)
    assert isclose(vendi(apart), 50)
    assert isclose(vendi(alike + apart), 2 * 50**0.5, rel_tol=1e-6)  # half in one kind, half in fifty
    assert vendi([]) == 0
    assert isclose(vendi([[]]), 1)


@given(st.lists(st.lists(st.sampled_from("abcde"), min_size=1, max_size=6), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_the_vendi_score_is_its_definition(split: list[list[str]]):
    def cosine(a: Counter[object], b: Counter[object]) -> float:
        lengths = [sum(n * n for n in c.values()) ** 0.5 for c in (a, b)]
        return sum(a[g] * b[g] for g in a) / (lengths[0] * lengths[1] or 1)

    def kernel(n: int) -> np.ndarray:
        counts = [Counter(tuple(t[i : i + n]) for i in range(len(t) - n + 1)) for t in split]
        # A text shorter than n is like itself and like no other.
        return np.array(
            [[1.0 if a is b else cosine(a, b) for b in counts] for a in counts]  # type: ignore[arg-type]
        )

    values = np.linalg.eigvalsh((kernel(1) + kernel(2)) / 2 / len(split))
    wanted = exp(-sum(v * log(v) for v in values if v > 1e-12))
    assert isclose(vendi(split), wanted, rel_tol=1e-5)


def test_one_template_is_told_from_various_questions():
    rng = random.Random(1)
    one = figures([template(rng) for _ in range(1000)])
    many = figures([various(rng, n) for n in range(1000)])
    assert one["vendi"] < 20 < 250 < many["vendi"] <= 1000
    assert one["unique_openings"] == 0.001
    assert one["distinct_2"] < 0.1 < 0.5 < many["distinct_2"]


def test_a_sample_depends_on_ids_alone():
    rng = random.Random(2)
    texts = {f"{n}": f"text {n}" for n in range(5000)}
    found: set[tuple[str, ...]] = set()
    for _ in range(3):
        sample, ids = Sample(100), list(texts)
        rng.shuffle(ids)
        for id_ in ids:
            sample.add(id_, texts[id_])
        found.add(tuple(sample.texts))
    assert len(found) == 1
    [kept] = found
    assert len(set(kept)) == 100
    # Half of the kept ones come from each half of the ids, within five standard deviations.
    assert 25 < sum(int(text.split()[1]) < 2500 for text in kept) < 75


def test_templates_are_counted():
    rng = random.Random(3)
    templates = Templates()
    for n in range(300):
        templates.add(f"t{n:03}", template(rng))
    for n in range(100):
        templates.add(f"v{n:03}", f"{''.join(rng.choices('abcdefgh', k=20))} {n}?")
    assert templates.exact
    assert templates.largest() == [{"count": 300, "example": "t000"}]
    assert templates.repeated == 300 / 400
    assert templates.variants == 400 / 101


def test_templates_are_estimated_in_bounded_memory():
    rng = random.Random(4)
    exact, bounded = Templates(), Templates(most=1000)
    names = ["".join(rng.choices("abcdefgh", k=12)) for _ in range(8000)]
    for n, name in enumerate(names):
        for k in range(3 if n % 4 == 0 else 1):
            for counted in (exact, bounded):
                counted.add(f"{n}-{k}", f"What is {name} number {k}?")
    assert exact.exact
    assert not bounded.exact
    assert len(bounded._found) <= 1000
    assert (exact.repeated, exact.variants) == (0.5, 1.5)
    assert bounded.repeated == pytest.approx(0.5, abs=0.1)
    assert bounded.variants == pytest.approx(1.5, rel=0.1)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Add 3 and 4.", "**Add** 17 and  1,200."),
        ("At 3:45, 2/3 of 1.5 kg", "At 12:00, 1/7 of 20 kg"),
        ("3 と 4 を足す", "15 と 2 を足す"),
    ],
)
def test_numbers_are_masked(text: str, same: str):
    assert masked(text) == masked(same)


def test_other_words_are_another_template():
    assert masked("Add 3 and 4.") != masked("Multiply 3 and 4.")


def test_writing_without_spaces_has_a_word_per_character():
    assert words("光は速い Fast 光") == ["光", "は", "速", "い", "fast", "光"]
