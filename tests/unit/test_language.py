"""The language of a text: another one for sure, or given the benefit of the doubt."""

import tomllib
from pathlib import Path

import pytest

from generators.steps import language

GERMAN = (
    "Erklären Sie, wie die Wellenlänge des Lichts den Abstand der Interferenzstreifen im Experiment "
    "bestimmt. Berechnen Sie ihn für einen grünen Laser."
)
ENGLISH = (
    "Explain how the wavelength of light determines the spacing of the fringes in the experiment. "
    "Compute it for a green laser."
)
FRENCH = (
    "Expliquez comment la longueur d'onde de la lumière détermine l'espacement des franges dans cette "
    "expérience. Calculez-le pour un laser vert."
)
SPANISH = (
    "Explique cómo la longitud de onda de la luz determina la separación de las franjas del experimento."
)
CHINESE = "请解释光的波长如何决定杨氏双缝实验中干涉条纹的间距，并计算绿色激光的情况。波长越长，条纹间距越大。"
RUSSIAN = (
    "Объясните, как длина волны света определяет расстояние между интерференционными полосами в опыте Юнга."
)
CAESAR = (
    "Gallia est omnis divisa in partes tres, quarum unam incolunt Belgae, aliam Aquitani, tertiam qui "
    "ipsorum lingua Celtae, nostra Galli appellantur."
)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("English", "en"),
        ("en", "en"),
        ("pt-BR", "pt"),
        ("Brazilian Portuguese", "pt"),
        ("simple German", "de"),
        ("Deutsch", "de"),
        ("Traditional Chinese", "zh"),
        ("plain British English", "en"),
        ("Latin American Spanish", "es"),
        ("日本語", "ja"),
        ("Norwegian Bokmål", "nb"),
        ("the language of pirates", None),
        ("whatever comes to mind", None),
        ("Klingon", None),
        ("Hinglish", None),
        ("English or Spanish", None),
        ("German and French", None),
        ("English/German", None),
        ("", None),
    ],
)
def test_languages_as_people_write_them(name: str, code: str | None) -> None:
    assert language.code_of(name) == code


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GERMAN, "en"),
        (FRENCH, "en"),
        (SPANISH, "en"),
        (CHINESE, "en"),
        (RUSSIAN, "en"),
        (ENGLISH, "de"),
        (ENGLISH, "zh"),
        (ENGLISH, "ru"),
        (SPANISH, "pt"),
        (RUSSIAN, "uk"),
        (CHINESE, "ja"),
        (f"{GERMAN}\n```python\nfor the in of: print('and')\n```", "en"),
    ],
)
def test_another_language_is_found(text: str, wanted: str) -> None:
    assert language.is_other(text, wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (ENGLISH, "en"),
        (GERMAN, "de"),
        (CHINESE, "zh"),
        # The wanted language is unknown.
        (GERMAN, None),
        # Too short.
        ("Warum ist der Himmel blau?", "en"),
        ("", "en"),
        # Similar languages count as equal.
        (
            "Forklar, hvordan lysets bølgelængde bestemmer afstanden mellem interferensstriberne i forsøget.",
            "no",
        ),
        ("Objasnite kako talasna dužina svetlosti određuje razmak između interferencijskih pruga.", "hr"),
        ("Jelaskan bagaimana panjang gelombang cahaya menentukan jarak antara pita interferensi ini.", "ms"),
        (CHINESE, "cmn"),
        # Code, with and without fences, and program output.
        (
            "def fib(n):\n    if n < 2:\n        return n\n    return fib(n - 1) + fib(n - 2)\nfib(9)\n" * 3,
            "de",
        ),
        ("```python\nwhile the_world_is_round and the_sky_is_blue: print('of the and')\n```", "de"),
        ("SELECT name, count(*) FROM users JOIN orders ON users.id = orders.user_id GROUP BY name", "fr"),
        # Formulas.
        (r"$\int_0^\infty e^{-x^2} dx = \frac{\sqrt{\pi}}{2}$ \[\sum_{n=1}^\infty \frac{1}{n^2}\]" * 3, "en"),
        ("CH3COOH + NaHCO3 -> CH3COONa + H2O + CO2; NaOH + HCl -> NaCl + H2O; 2 H2 + O2 -> 2 H2O " * 2, "en"),
        # Names and terms.
        ("Giovanni Battista Pergolesi, Wolfgang Amadeus Mozart, Ludwig van Beethoven, Claude Debussy", "en"),
        (
            "1. Photosynthesis\n2. Mitochondria\n3. Chlorophyll\n4. Glycolysis\n5. ATP synthase\n6. Xylem",
            "en",
        ),
        # A quotation, marked or unmarked, next to words of the wanted language.
        (f"Comment on this sentence: „{GERMAN}“", "en"),
        (f"Identify the author and translate this passage: {CAESAR}", "en"),
        (f"Interpretieren Sie diese Stelle und nennen Sie ihren Verfasser: {ENGLISH}", "de"),
        (f"> {FRENCH}\n\nSummarise it.", "en"),
    ],
)
def test_in_doubt_a_text_is_left_alone(text: str, wanted: str | None) -> None:
    assert not language.is_other(text, wanted)


def test_an_exercise_that_names_the_other_language_may_be_answered_in_it() -> None:
    assert language.is_other(SPANISH, "en", topic="Translate the sentence on fringes.")
    assert not language.is_other(SPANISH, "en", topic="Translate the sentence on fringes into Spanish.")
    assert not language.is_other(SPANISH, "de", topic="Übersetzen Sie den Satz ins Spanische (Spanisch).")


def test_signs_of_a_language_are_enough() -> None:
    assert not language.is_other(f"What is the sum of these? {GERMAN}", "en")
    assert set(language.SIGNS) <= {code for code in language.SIGNS if language.code_of(code) == code}


REPLIES = tomllib.loads((Path(__file__).parent / "data" / "languages.toml").read_text(encoding="utf-8"))
RIGHT, WRONG = (
    [(text, entry["name"]) for entry in REPLIES.values() for text in entry[kind]]
    for kind in ("right", "wrong")
)


@pytest.mark.parametrize(("text", "name"), RIGHT)
def test_right_replies_on_formulas_code_names_and_terms_pass(text: str, name: str) -> None:
    code = language.code_of(name)
    assert code
    assert not language.is_other(text, code)


@pytest.mark.parametrize(("text", "name"), WRONG)
def test_wrong_replies_are_caught_where_they_are_sure(text: str, name: str) -> None:
    assert language.is_other(text, language.code_of(name))


def test_the_replies_are_many_and_of_many_languages() -> None:
    assert (len(RIGHT) >= 80, len(WRONG) >= 20, len(REPLIES) >= 20) == (True, True, True)
