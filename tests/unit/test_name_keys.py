"""Names that mean the same have one key, and others do not."""

import pytest

from graph.name_keys import name_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Colour Theory", "theory, color"),
        ("Machine Learning (ML)", "machine learnings"),
        ("History of Art (HA)", "Art, history of"),
        ("Physics & Astronomy", "Astronomy and Physics"),
        ("Café Studies", "cafe study"),
        ("Organisational Behaviour", "organizational behavior"),
        ("Palaeontology", "Paleontology"),
        ("Data Analyses", "Data analysis"),
        ("Viruses", "Virus"),
        ("Taxes", "Tax"),
        ("Theatre", "Theater"),
        ("Defence", "Defense"),
        ("Modelling", "Modeling"),
        ("Children's Literature", "Children’s literature"),
        ("Media\u200b\u00a0Studies", "Media studies"),
        ("Straßenbau", "STRASSENBAU"),
    ],
)
def test_the_same(one: str, other: str):
    assert name_key(one) == name_key(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C#"),
        ("C", "C++"),
        ("Banking", "Baking"),
        ("Macroeconomics", "Microeconomics"),
        ("Mercury (planet)", "Mercury (element)"),
        ("World War I", "World War II"),
        ("Four-Part Harmony", "For-Part Harmony"),
        ("有机化学", "无机化学"),
    ],
)
def test_not_the_same(one: str, other: str):
    assert name_key(one) != name_key(other)


def test_punctuation_alone_has_no_key():
    assert name_key("…") == ""
