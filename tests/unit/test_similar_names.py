"""Which nodes are proposed as one: a planted set that is found whole, and a guard set that is not."""

import random

import pytest
from rapidfuzz import process
from rapidfuzz.fuzz import ratio

from graph.proposals.letter_pairs import near
from graph.proposals.name_guards import apart
from graph.proposals.similar_names import Entry, Found, Looked, find

FUZZY = Looked(tier=4, across=True)


def pair(one: str, other: str, *, alternative: str = "") -> list[Entry]:
    """Two nodes of two vocabularies."""
    others = (alternative,) if alternative else ()
    return [Entry("a", "Discipline", one, 1), Entry("b", "Discipline", other, 2, (), others)]


PLANTED = [
    ("Colour theory", "Color Theory", 2),
    ("Organisation studies", "Organization study", 2),
    ("Archaeology", "Archeology", 2),
    ("Computer simulations", "computer simulation", 2),
    ("Taxonomies", "Taxonomy", 2),
    ("Chemistry, organic", "Organic chemistry", 2),
    ("Économie générale", "Economie generale", 2),
    ("Gödel numbering", "Go\u0308del numbering", 2),
    ("Machine Learning (ML)", "Machine learning", 2),
    ("Arts & Crafts", "arts and crafts", 2),
    ("Bio\u00adphysics", "Biophysics", 2),
    ("Electrical Power Engineering", "Electric power engineering", 4),
    ("Enviromental studies", "Environmental studies", 4),
]
GUARDED = [
    ("History of baking", "History of banking"),
    ("Baking", "Banking"),
    ("Microeconomics", "Macroeconomics"),
    ("Hypertension research", "Hypotension research"),
    ("World War I", "World War II"),
    ("Mercury (planet)", "Mercury (element)"),
    ("Differential geometry 1", "Differential geometry 2"),
    ("Casual inference methods", "Causal inference methods"),
    ("Normative jurisprudence", "Nonnormative jurisprudence"),
    ("Philosophy of history", "History of philosophy"),
    ("Neurophysiology", "Europhysiology"),
    ("Organic chemistry methods", "Organic chemistry"),
    ("Other", "Other"),
    ("None of the above", "none of the above"),
]


@pytest.mark.parametrize(("one", "other", "tier"), PLANTED)
def test_planted_pairs_are_found(one: str, other: str, tier: int):
    [found] = find(pair(one, other), FUZZY)
    assert (found.from_id, found.into_id, found.tier) == ("b", "a", tier)
    assert one in found.evidence[0]
    assert other in found.evidence[0]
    # The names of one publisher are told apart by it: letters prove nothing there.
    within = [entry._replace(vocabularies=1) for entry in pair(one, other)]
    assert len(find(within, Looked(tier=4))) == (tier < 4)


@pytest.mark.parametrize(("one", "other"), GUARDED)
def test_guarded_pairs_are_not(one: str, other: str):
    assert not find(pair(one, other), FUZZY)


def test_alternative_names():
    [found] = find(pair("Global warming", "Climate change", alternative="Global Warmings"), FUZZY)
    assert (found.tier, found.evidence) == (3, ['"Global warming" is another name of "Climate change"'])
    # Two alternative names prove nothing.
    both = [entry._replace(alternatives=("Warming",)) for entry in pair("Heat", "Greenhouse")]
    assert not find(both, FUZZY)
    assert not find(pair("Global warming", "Climate change", alternative="Global Warming"), Looked(tier=2))


def test_addresses():
    one, other = pair("Bank", "Bench")
    matched = one._replace(uri="http://a", same=("http://b",)), other._replace(uri="http://b")
    [found] = find(matched, Looked(tier=1, across=True))
    assert (found.tier, found.score) == (1, 1.0)
    assert found.evidence == ['"Bank" is said to be the same as http://b']
    alike = [entry._replace(uri="http://c") for entry in (one, other)]
    assert [f.evidence for f in find(alike, FUZZY)] == [["same URI: http://c"]]
    typed = [entry._replace(notations=("384^^iso3166-1-numeric", "7")) for entry in (one, other)]
    assert [f.evidence for f in find(typed, FUZZY)] == [
        ["same notation of one scheme: 384^^iso3166-1-numeric"]
    ]
    plain = [entry._replace(notations=("7",)) for entry in (one, other)]
    assert not find(plain, FUZZY)
    # What a publisher keeps apart is not proposed, whatever its name.
    same, theirs = pair("Bank", "Bank")
    assert find([same, theirs], FUZZY)
    assert not find([same._replace(apart=("http://b",)), theirs._replace(uri="http://b")], FUZZY)


def test_places_decide_what_is_not_proposed():
    def tree(*rows: tuple[str, str, str, int]) -> list[Entry]:
        return [
            Entry(id_, "Discipline" if parent else "Field", name, mask, (parent,) if parent else ())
            for id_, name, parent, mask in rows
        ]

    # One above the other, as in ISCED-F.
    assert not find(tree(("f", "Law", "", 1), ("d", "Law", "f", 1)), Looked())
    below = [entry._replace(kind="Field") for entry in tree(("f", "Law", "", 1), ("d", "Law", "f", 1))]
    assert not find(below, Looked())
    # A name of 534 places of one vocabulary says nothing, nor do six; five do.
    name = "None of the above, but in this section"
    many = [Entry(f"n{n:03}", "Discipline", name, 1) for n in range(534)] + [
        Entry("o", "Discipline", name, 2)
    ]
    assert not find(many, FUZZY)
    assert not find(many[:6] + many[-1:], FUZZY)
    assert len(find(many[:5] + many[-1:], FUZZY)) == 5
    # Kinds cannot be merged, and three nodes are three pairs, each judged by itself.
    assert not find([Entry("a", "Field", "Law", 1), Entry("b", "Discipline", "Law", 2)], FUZZY)
    chain = [Entry(id_, "Discipline", "Law", mask) for id_, mask in (("a", 1), ("b", 2), ("c", 4))]
    assert [(one.from_id, one.into_id) for one in find(chain, FUZZY)] == [("b", "a"), ("c", "a"), ("c", "b")]


def test_surroundings_move_the_score():
    def two(parent: str, other: str, child: str, other_child: str) -> Found:
        rows = [
            Entry("f", "Field", parent, 1), Entry("a", "Subfield", "Optics", 1, ("f",)),
            Entry("x", "Discipline", child, 1, ("a",)), Entry("g", "Field", other, 2),
            Entry("b", "Subfield", "optics", 2, ("g",)), Entry("y", "Discipline", other_child, 2, ("b",)),
        ]  # fmt: skip
        [found] = [one for one in find(rows, FUZZY) if {one.from_id, one.into_id} == {"a", "b"}]
        return found

    best, good, bad = (
        two("Physics", "Physic", "Mirror", "Mirrors"), two("Physics", "Physics", "Mirror", "Light"),
        two("Physics", "Medicine", "Mirror", "Eye"),
    )  # fmt: skip
    assert best.score > good.score > 0.7 > bad.score
    assert best.evidence[1:] == ['both under "Physics"', 'both above "Mirror"']
    assert bad.evidence[1:] == ['different fields: "Physics" and "Medicine"']


def test_blocks_find_what_comparing_all_finds():
    generator = random.Random(5)
    letters = "aeioulnrst"
    names = ["".join(generator.choice(letters) for _ in range(generator.randint(9, 16))) for _ in range(300)]
    keys = dict.fromkeys(names, 1)
    for name in names:
        place = generator.randrange(1, len(name) - 1)
        keys.setdefault(name[:place] + generator.choice(letters) + name[place + 1 :], 2)
    found = {frozenset(two[:2]) for two in near(keys, 92.0)}
    expected = {
        frozenset((key, other))
        for key in keys
        for other, _, _ in process.extract(key, [*keys], scorer=ratio, score_cutoff=92.0, limit=None)
        if keys[key] != keys[other] and not apart(key, other)
    }
    assert len(expected) > 100
    assert found == expected
