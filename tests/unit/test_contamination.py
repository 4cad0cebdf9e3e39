"""A text that contains an item of a benchmark is recognised in any form; what only resembles it is not."""

import random
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.quality.benchmarks.contamination import MOST_ITEMS, MOST_MATCHES, RULE, Index
from generators.quality.benchmarks.item_list import Item, ItemList
from generators.quality.benchmarks.item_words import hashes_of, ngrams, place_of, spans_of, words_of
from generators.quality.benchmarks.ngram_table import NgramTable

STORY = (
    "Farid plants 24 rows of tulips with 18 bulbs in each row. In spring 37 of the bulbs do not come up, "
    "and deer eat a third of the flowers that do. How many tulips can Farid still sell at the market?"
)
LAW = (
    "A tenant stops paying the rent after the landlord has refused for two winters to mend the boiler, "
    "although the lease obliges him to do so. Which remedy is the landlord most likely to be denied in court?"
)
CODE = (
    'def rolling_median(values, width):\n    """Return the median of each window of `width` values.\n'
    '    >>> rolling_median([3, 1, 2, 9], 3)\n    [2, 2]\n    """'
)
SHORT = "Which enzyme unwinds the double helix before replication?"
SHORTER = "Who painted the Night Watch?"
LITTLE = "What is a glacier?"
TOO_SHORT = "Mini-pills contain"
SUM = "Divide. 7,285 ÷ 4"
CHINESE = "下列哪一种酶在复制开始之前负责解开双螺旋结构"
HINDI = "प्रतिकृति से पहले कौन सा एंजाइम दोहरी कुंडली को खोलता है"
ITEMS = {
    "story": STORY,
    "law": LAW,
    "code": CODE,
    "short": SHORT,
    "shorter": SHORTER,
    "little": LITTLE,
    "too short": TOO_SHORT,
    "sum": SUM,
    "chinese": CHINESE,
    "hindi": HINDI,
}
BEFORE = "Prepare a lesson for the second year and keep notes as you go along. "
AFTER = " Explain every step in your own words and add one exercise for the class."


@pytest.fixture(scope="module")
def index() -> Index:
    return Index.build(Item(name, text) for name, text in ITEMS.items())


def found(index: Index, text: str) -> dict[str, str]:
    return {match.item: match.kind for match in index.match(text)}


RECOGNISED = sorted(set(ITEMS) - {"too short", "sum"})


@pytest.mark.parametrize("name", RECOGNISED)
def test_an_item_is_recognised_word_by_word(index: Index, name: str) -> None:
    assert found(index, ITEMS[name]) == {name: "exact" if len(words_of(ITEMS[name])) >= 8 else "whole"} or (
        name == "chinese" and found(index, CHINESE).keys() == {"chinese"}
    )


@pytest.mark.parametrize("name", RECOGNISED)
def test_an_item_is_recognised_with_other_marks_and_lines(index: Index, name: str) -> None:
    wrapped = "\n".join(f"> {line}" for line in textwrap.wrap(ITEMS[name], 30))
    first = ITEMS[name].split()[0]
    assert name in found(index, f"## Task\n\n{wrapped}")
    assert name in found(index, ITEMS[name].upper())
    assert name in found(index, ITEMS[name].replace(first, f"**{first}**", 1).replace(" ", "\u00a0"))


@pytest.mark.parametrize("name", sorted(set(RECOGNISED) - {"little"}))
def test_an_item_is_recognised_within_a_longer_text(index: Index, name: str) -> None:
    [match] = index.match(BEFORE + ITEMS[name] + AFTER)
    text = (BEFORE + ITEMS[name] + AFTER)[match.start : match.end]
    assert words_of(text) == words_of(ITEMS[name])
    assert match.ratio == 1
    assert match.rule == RULE == "contamination@1"


def test_a_question_that_says_little_is_an_item_only_where_it_stands_alone(index: Index) -> None:
    assert found(index, "**What is a glacier?**") == {"little": "whole"}
    assert not index.match(
        "What is a glacier, a moraine, a fjord, and how did each of them come to be in Norway?"
    )


def test_a_story_with_other_numbers_is_the_same_story(index: Index) -> None:
    other = (
        STORY.replace("24", "1,150").replace("18", "6.5").replace("37", "40").replace("a third", "a fifth")
    )
    assert found(index, other) == {"story": "template"}
    assert found(index, STORY.replace("24", "twelve")) == {"story": "template"}
    assert found(index, STORY.replace("deer", "goats")) == {"story": "exact"}


def test_half_of_a_long_item_is_contamination_and_a_third_is_not(index: Index) -> None:
    words = LAW.split()
    assert found(index, " ".join(words[: len(words) * 2 // 3])) == {"law": "exact"}
    assert not index.match(" ".join(words[: len(words) // 3]))


@pytest.mark.parametrize(
    "text",
    [
        "Which enzyme unwinds the double helix of plasmids during conjugation in bacteria?",
        "Which protein binds to the double helix before replication?",
        "Who painted the Girl with a Pearl Earring?",
        "Who painted the Night Sky?",
        "Farid plants tulips in each row. How many tulips can Farid sell?",
        "A tenant stops paying the rent. What may the landlord do?",
        "Divide. 8,411 ÷ 4",
        "",
        "?",
        "0 0 0 0 0 0 0 0 0 0 0 0 0 0",
    ],
)
def test_what_only_resembles_an_item_is_clean(index: Index, text: str) -> None:
    assert index.match(text) == []


def test_a_short_item_shares_all_its_numbers_in_their_order() -> None:
    index = Index.build(
        [Item("a", "A square garden has sides of 12 metres; by how much must they grow for 3 more trees?")]
    )
    text = "A square garden has sides of {} metres; by how much must they grow for {} more trees?"
    assert len(index.match(text.format(12, 3))) == 1
    assert index.match(text.format(12, 4)) == []
    assert index.match(text.format(3, 12)) == []


def test_what_many_items_share_is_no_evidence() -> None:
    frame = (
        "Read the passage with care and then decide which of two claims its author would accept: {} or {}."
    )
    index = Index.build(
        Item(str(n), frame.format(f"claim{n} about rivers{n}", f"claim{n} about towns{n}"))
        for n in range(MOST_ITEMS + 1)
    )
    assert index.match(frame.format("that whales sing", "that whales sleep")) == []


def test_items_that_cannot_be_recognised_are_counted(index: Index) -> None:
    assert index.unrecognisable == 2
    assert not index.match(TOO_SHORT)
    assert len(index) == len(ITEMS)


def test_copies_of_an_item_are_all_shown_up_to_a_bound() -> None:
    index = Index.build(Item(f"{n:03}", LAW) for n in range(40))
    assert [match.item for match in index.match(LAW)] == [f"{n:03}" for n in range(MOST_MATCHES)]


def test_an_index_of_nothing_matches_nothing() -> None:
    assert Index.build([]).match(STORY) == []
    assert Index.build([Item("a", ""), Item("b", "...")]).match(STORY) == []


def test_memory_grows_by_words_alone() -> None:
    rng = random.Random(7)
    words = [f"word{number}" for number in range(2000)]
    items = [Item(str(n), " ".join(rng.choices(words, k=50))) for n in range(500)]
    index = Index.build(items)
    assert index.nbytes < 25 * 500 * 50 + 100_000
    assert all(index.match(item.text)[0].item == item.id for item in items[::50])


@given(st.lists(st.text(max_size=12), max_size=20), st.sampled_from([" ", "\n", "\u3000", "\t "]))
def test_each_word_has_a_place_in_the_text(parts: list[str], space: str) -> None:
    text = space.join(parts)
    spans = spans_of(text)
    assert len(spans) == len(words_of(text))
    assert all(0 <= start < end <= len(text) for start, end in spans)


def test_words_are_the_same_in_every_form() -> None:
    assert words_of("It’s 1,000 m² — **Über**-“Test”, x_1 in ＡＢＣ") == [
        *("it", "s", "1000", "m", "2", "über", "test", "x", "1", "in", "abc")
    ]
    assert words_of("twelve of 3.5 and [1,2,3]") == ["12", "of", "3.5", "and", "1", "2", "3"]
    assert words_of("细胞 DNA是什么") == ["细", "胞", "dna", "是", "什", "么"]
    assert words_of("٣ कीमत") == ["3", "कीमत"]


def test_the_order_of_words_makes_another_ngram() -> None:
    [forth] = ngrams(hashes_of(["a", "b", "c"]), 3)
    [back] = ngrams(hashes_of(["c", "b", "a"]), 3)
    assert forth != back
    assert len(ngrams(hashes_of(["a", "b"]), 3)) == 0


@given(st.lists(st.integers(0, 3), max_size=12), st.integers(0, 12), st.integers(1, 4))
def test_a_part_is_found_at_its_first_place(numbers: list[int], start: int, size: int) -> None:
    whole = np.array([number * 0x01000001 for number in numbers], np.uint32)
    part = whole[start : start + size]
    if not len(part):
        return
    places = [at for at in range(len(whole)) if whole[at : at + len(part)].tolist() == part.tolist()]
    assert place_of(part, whole) == places[0]
    assert place_of(np.array([9], np.uint32), whole) == -1


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), max_size=60), st.integers(1, 4))
def test_a_table_finds_the_items_of_what_few_share(entries: list[tuple[int, int]], most: int) -> None:
    entries.sort(key=lambda entry: entry[1])
    hashes = np.array([gram for gram, _ in entries], np.uint64)
    items = np.array([item for _, item in entries], np.uint32)
    table, taken = NgramTable.build(hashes, items, most)
    for gram in range(7):
        sharing = sorted({item for each, item in entries if each == gram})
        expected = sharing if len(sharing) <= most else []
        assert sorted(table.find(np.array([gram], np.uint64)).tolist()) == expected
        assert set(taken[hashes == gram].tolist()) <= {bool(expected)}


def test_items_may_come_in_pages(index: Index) -> None:
    listed = ItemList()
    counts = [listed.add([(name, text)]) for name, text in ITEMS.items()]
    assert [n for [n] in counts] == [len(words_of(text)) for text in ITEMS.values()]
    paged = Index.of(listed)
    assert [paged.match(text) for text in ITEMS.values()] == [index.match(text) for text in ITEMS.values()]
