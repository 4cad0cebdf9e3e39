"""Full-text search: every node is found by its own name, and pages stay stable while others write."""

import unicodedata
from contextlib import suppress
from string import ascii_lowercase
from typing import Any

import pytest
import pytest_asyncio
from conftest import wipe
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planting import Plant, every, names
from pydantic import ValidationError

from graph.database import Database
from graph.errors import Invalid
from graph.model import Kind, NewNode, NodePatch, Status
from graph.taxonomy import nodes
from graph.taxonomy.walking import search
from graph.text import normal_name, visible_name


async def searched(plant: Plant, text: str, limit: int = 1, **wanted: Any) -> list[str]:
    return names(
        await every(lambda cursor: search.search(plant.database, text, limit=limit, cursor=cursor, **wanted))
    )


async def library(plant: Plant) -> tuple[str, str]:
    taxonomy = await plant.node(Kind.Taxonomy, "Library")
    one, two = [await plant.node(Kind.Field, name, taxonomy) for name in ("Mathematics", "Languages")]
    for name, field, description in [
        ("Linear algebra", one, "vectors, matrices"),
        ("Abstract algebra", one, "groups, rings"),
        ("Number theory", one, "primes: algebra of the integers"),
        ("C++ (advanced) & [more]", two, "templates"),
        ("हिन्दी साहित्य", two, ""),
        ("Straßenbau", two, ""),
        ("数学入門", two, ""),
        ("Élan vital", two, ""),
    ]:
        await plant.node(Kind.Discipline, name, field, description=description)
    return one, two


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("linear algebra", ["Linear algebra"]),
        ("LINEAR", ["Linear algebra"]),
        ("lin alg", ["Linear algebra"]),
        ("linaer algebra", ["Linear algebra"]),
        ("matrices", ["Linear algebra"]),
        ("c++", ["C++ (advanced) & [more]"]),
        ("(advanced) [more]", ["C++ (advanced) & [more]"]),
        ("हिन्दी", ["हिन्दी साहित्य"]),
        ("Straßenbau", ["Straßenbau"]),
        ("数学", ["数学入門"]),
        ("élan", ["Élan vital"]),
        ("e\u0301lan", ["Élan vital"]),
        ("elan VITAL", ["Élan vital"]),
        ("strasse", ["Straßenbau"]),
        ("algebra geology", []),
        ("zzzzzz", []),
    ],
)
async def test_search_finds(plant: Plant, text: str, found: list[str]):
    await library(plant)
    assert await searched(plant, text) == found


async def test_search_gives_the_best_first_in_pages(plant: Plant):
    await library(plant)
    for limit in (1, 2, 100):
        found = await searched(plant, "algebra", limit)
        assert len(found) == 3
        assert found[-1] == "Number theory"
        assert set(found) == {"Linear algebra", "Abstract algebra", "Number theory"}


async def test_search_of_one_class_in_pages(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    new = [NewNode(kind=Kind.Field, name=f"same {n}", parent_id=taxonomy) for n in range(30)]
    await nodes.insert_many(plant.database, new)
    found = await searched(plant, "same", 7)
    assert sorted(found) == sorted(node.name for node in new)


async def test_search_filters(plant: Plant):
    one, two = await library(plant)
    assert await searched(plant, "algebra", under=two) == []
    assert len(await searched(plant, "algebra", under=one)) == 3
    assert await searched(plant, "mathematics", kind=Kind.Field) == ["Mathematics"]
    assert await searched(plant, "mathematics", kind=Kind.Discipline) == []
    await nodes.retire(plant.database, one)
    assert await searched(plant, "algebra") == []
    assert len(await searched(plant, "algebra", statuses=list(Status))) == 3


SPECIAL = [
    *r"""+-&|!(){}[]^"~*?:\/""",
    "&&",
    "||",
    "AND",
    "OR",
    "NOT",
    "a AND",
    "name:x",
    '"open',
    "[a TO b]",
]


@pytest.mark.parametrize("text", SPECIAL)
async def test_special_characters_are_no_query(plant: Plant, text: str):
    await library(plant)
    # A name that contains the character as a word is found by it.
    assert await searched(plant, text) == (["C++ (advanced) & [more]"] if text == "&" else [])
    # Next to a word they change nothing.
    if not any(char.isalnum() for char in text):
        assert await searched(plant, f"linear {text} algebra{text}") == ["Linear algebra"]


NAMES = [
    "Newton's laws", "Newton’s third law", "U.S. history", "ASP.NET", "3.14", "snake_case", "C++", "C#", "C",
    "F#", ".NET", "R&D", "A* search", "AC/DC motors", "Straße", "Cafe\u0301", "Łódź", "Ærø", "naïve Bayes",
    "Μαΐου", "Ёлка", "हिन्दी", "ภาษาไทย", "数学入門", "ガス", "한국어", "עִבְרִית", "العَرَبِيَّة", "Việt Nam",
    "می\u200cخواهم", "!!!", "∑", "🌱", "👨\u200d👩\u200d👧", "a:b", "NOT", "AND OR",
    "x^2", "[a TO b]", "2/3", "l'eau",
    "D'Alembert–Lagrange principle", "ß" * 300, "longword" * 100, " ".join(f"w{n}" for n in range(40)),
    "état d'âme", "..hidden", "“quoted”", "10,000", "1st-order logic", "tcp/ip", "\ufdfa" * 20,
]  # fmt: skip


@pytest_asyncio.fixture(scope="module")
async def shelf(session_database: Database) -> Database:
    """A database with one field per name in NAMES."""
    await wipe(session_database)
    root, _ = await nodes.insert(session_database, NewNode(kind=Kind.Taxonomy, name="Shelf"))
    new = [NewNode(kind=Kind.Field, name=name, parent_id=root.id) for name in NAMES]
    assert all(inserted.created for inserted in await nodes.insert_many(session_database, new))
    return session_database


async def first(database: Database, text: str) -> str | None:
    found = (await search.search(database, text, limit=1)).items
    return found[0].name if found else None


@pytest.mark.parametrize("name", NAMES, ids=ascii)
async def test_a_name_finds_its_node_in_every_spelling(shelf: Database, name: str):
    for spelled in (name, name.upper(), f"  {name.lower()}\n", unicodedata.normalize("NFKD", name)):
        assert await first(shelf, spelled) == visible_name(name)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STRASSE", "Straße"),
        ("Cafe", "Cafe\u0301"),
        ("CAFÉ", "Cafe\u0301"),
        ("Lodz", "Łódź"),
        ("aero", "Ærø"),
        ("naive bayes", "naïve Bayes"),
        ("Μαιου", "Μαΐου"),
        ("елка", "Ёлка"),
        ("עברית", "עִבְרִית"),
        ("العربية", "العَرَبِيَّة"),
        ("viet nam", "Việt Nam"),
        ("us history", "U.S. history"),
        ("newtons laws", "Newton's laws"),
        ("newton laws", "Newton's laws"),
        ("asp net", "ASP.NET"),
        ("net asp", "ASP.NET"),
        ("snake", "snake_case"),
        ("eau", "l'eau"),
        ("etat d’ame", "état d'âme"),
        ("lagrange dalembert", "D'Alembert–Lagrange principle"),
        ("入門", "数学入門"),
        ("می خواهم", None),
        ("خواهم", None),
        ("newtno's thrid", "Newton’s third law"),
    ],
)
async def test_plain_spellings_find_it(shelf: Database, text: str, found: str | None):
    assert await first(shelf, text) == found


LETTERS = st.characters(exclude_categories=("Cc", "Cs"))


@given(st.lists(st.text(LETTERS, min_size=1, max_size=12), min_size=1, max_size=8))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_every_name_is_found_by_itself(session_database: Database, drawn: list[str]):
    root, _ = await nodes.insert(session_database, NewNode(kind=Kind.Taxonomy, name="Many scripts"))
    wanted: list[NewNode] = []
    for name in drawn:
        with suppress(ValidationError):
            wanted.append(NewNode(kind=Kind.Field, name=name, parent_id=root.id, description="marked"))
    ids = [inserted.id for inserted in await nodes.insert_many(session_database, wanted)]
    for node, id_ in zip(wanted, ids, strict=True):
        for text in (node.name, node.name.upper(), unicodedata.normalize("NFD", node.name)):
            if normal_name(text) == normal_name(node.name):
                found = await every(
                    lambda cursor, text=text: search.search(session_database, text, limit=100, cursor=cursor)
                )
                assert id_ in [node.id for node in found]
        # With an additional word of its description, only the index can find it.
        found = await every(
            lambda cursor, node=node: search.search(
                session_database, f"{node.name} marked", limit=100, cursor=cursor
            )
        )
        assert id_ in [node.id for node in found]


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=30))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_no_text_is_read_as_a_query(shelf: Database, text: str):
    with suppress(Invalid):
        await search.search(shelf, text)


async def test_many_long_words_that_resemble_others_fit_into_a_query(shelf: Database):
    """Lucene refuses a query of more than 1,024 terms, and a fuzzy word expands to many."""
    root, _ = await nodes.insert(shelf, NewNode(kind=Kind.Taxonomy, name="Resembling"))
    stems = ("resemble", "similarity", "neighbour", "likeness", "affinity", "kinship")
    texts = [f"{stem}{a}{b}" for stem in stems for a in ascii_lowercase for b in ascii_lowercase]
    new = [
        NewNode(kind=Kind.Field, name=text, description=" ".join(texts[n : n + 20]), parent_id=root.id)
        for n, text in enumerate(texts)
    ]
    await nodes.insert_many(shelf, new)
    for asked in ([f"{stem}zz.a-b.c'd" for stem in stems * 3], [f"{stem}x" for stem in stems] + texts[:30]):
        await search.search(shelf, " ".join(asked))
    assert (await search.search(shelf, "qqresemblez similarityz", limit=10)).items == []
    assert len((await search.search(shelf, "resemblezq", limit=10)).items) == 10


async def test_pages_hold_still_while_others_write(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    mine = [NewNode(kind=Kind.Field, name=f"algebra {n}", parent_id=taxonomy) for n in range(40)]
    await nodes.insert_many(plant.database, mine)
    cursor, found = None, list[str]()
    for turn in range(100):
        one_page = await search.search(plant.database, "algebra", limit=4, cursor=cursor)
        found += [node.name for node in one_page.items]
        cursor = one_page.next
        if cursor is None:
            break
        # Each insertion changes the frequency of the word, and with it every score.
        more = [
            NewNode(kind=Kind.Field, name=f"{turn} {n} algebra " * 5, parent_id=taxonomy) for n in range(5)
        ]
        await nodes.insert_many(plant.database, more)
        [changed] = (await search.search(plant.database, f"algebra {turn}", limit=1)).items
        await nodes.patch(
            plant.database, changed.id, NodePatch(description="algebra " * turn), changed.version
        )
    assert sorted(name for name in found if name.count("algebra") == 1) == sorted(n.name for n in mine)
    assert len(found) == len(set(found))


async def test_what_is_changed_is_found_by_what_it_is_now(plant: Plant):
    taxonomy = await plant.node(Kind.Taxonomy, "T")
    field = await plant.node(Kind.Field, "Optics", taxonomy, description="lenses")
    for change, gone, here in [
        (NodePatch(name="Photonics"), "optics", "photonics"),
        (NodePatch(description="lasers"), "lenses", "lasers"),
    ]:
        node = await nodes.get(plant.database, field)
        await nodes.patch(plant.database, field, change, node.version)
        assert await searched(plant, gone) == []
        assert await searched(plant, here) == ["Photonics"]
    other = await plant.node(Kind.Field, "Light", taxonomy)
    await nodes.merge(plant.database, field, other)
    assert await searched(plant, "lasers") == ["Light"]
