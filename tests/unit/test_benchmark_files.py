"""Benchmarks as they are published: files of all forms, columns named or guessed, the hub's table."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dataset_hub import DatasetHub

from graph.errors import Invalid
from graph.quality.loading import About
from service.benchmarks import hub as fetching
from service.benchmarks import rows, sources
from service.benchmarks.columns import Columns
from service.benchmarks.known import KNOWN, KnownBenchmark
from service.commands import benchmark

ROWS = [
    {"question": f"How many legs have {n} ants, é?", "split": "test", "answer": str(6 * n)} for n in (1, 2)
]


def written(folder: Path, name: str) -> Path:
    path = folder / name
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    match path.suffixes:
        case [".parquet"]:
            pq.write_table(pa.Table.from_pylist(ROWS), path)
        case [".jsonl"] | [".ndjson"]:
            path.write_text(lines)
        case [".jsonl", ".gz"]:
            path.write_bytes(gzip.compress(lines.encode()))
        case [".json"]:
            path.write_text(json.dumps({"version": 1, "examples": ROWS}))
        case [*_]:
            form = path.suffixes[0]
            cell = "\t" if form == ".tsv" else ","
            text = "".join(
                cell.join(f'"{value}"' for value in line) + "\r\n"
                for line in ([*ROWS[0]], *([*row.values()] for row in ROWS))
            )
            content = text.encode("utf-8-sig")
            path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def items(source: sources.Source) -> list[dict[str, Any]]:
    return [json.loads(line) for line in source.lines()]


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.ndjson", "a.jsonl.gz", "a.json", "a.csv", "a.csv.gz", "a.tsv", "a.parquet"]
)
def test_every_form_gives_the_same_items(tmp_path: Path, name: str):
    source = sources.of(str(written(tmp_path, name)), Columns())
    assert items(source) == [{"text": row["question"], "split": "test", "task": ""} for row in ROWS]
    assert source.notes == ["question from the column question", "split from the column split"]
    assert source.about["name"] == "a"
    assert About.model_validate(source.about).sha256


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.txt", b"x", r"ends in \.jsonl, .* or in \.parquet"),
        ("a.jsonl", b'{"question": "x"}\n{"question"\n', "line 2: it is not JSON"),
        ("a.jsonl", b"[1]\n", "line 1: it is not a JSON object"),
        ("a.jsonl", b"", "has no rows"),
        ("a.jsonl", b'{"question": "\xff"}\n', "is not utf-8.*say --encoding latin-1"),
        ("a.json", b"[1, 2]", "no list of objects"),
        ("a.json", b'{"a": [{}], "b": [{}]}', "no list of objects"),
        ("a.csv", b"question,b\nx,y,z\n", "line 2: it has more cells than the header"),
        ("a.csv", b"sep=;\nquestion;b\nx;y;z\n", "line 3: it has more cells than the header"),
        ("a.csv", b'question\n"x', "after line 1: unexpected end of data"),
        ("a.parquet", b"PAR1", "not a Parquet file"),
        ("a.jsonl.gz", b"plain", "cannot be read"),
        ("a.jsonl", b'{"frage": "x", "more": {"b": 1}}\n', "name one with --question: frage, more.b"),
        (
            "a.jsonl",
            b'{"question": 7, "b": 1}\n',
            "question holds a number, not a text; .*: question, b",
        ),
        ("a.jsonl", b'{"prompt": [1]}\n', "the column prompt holds a list, not a text"),
        ("a.jsonl", b'{"prompt": {"a": 1}}\n', "the column prompt holds an object, not a text"),
        ("---.jsonl", b'{"question": "x"}\n', "give one with --name"),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: bytes, said: str):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Invalid, match=said):
        items(sources.of(str(path), Columns()))


def test_columns_may_be_named(tmp_path: Path):
    path = tmp_path / "arc test.jsonl"
    row = {"question": {"stem": "Why?", "n": 7}, "prompt": "other", "part": "easy", "set": "dev"}
    path.write_text(json.dumps(row) + "\n")
    source = sources.of(str(path), Columns(question="question.stem", split="set", task="part"), "arc", "MIT")
    assert items(source) == [{"text": "Why?", "split": "dev", "task": "easy"}]
    assert (source.notes, source.about["name"], source.about["licence"]) == ([], "arc", "MIT")
    guessed = sources.of(str(path), Columns())
    assert guessed.notes == ["question from the column prompt", "split test from the name of the file"]
    assert guessed.about["name"] == "arc-test"
    for wrong, said in [("stem", "no column 'stem'"), ("question", "holds an object, not a text")]:
        with pytest.raises(Invalid, match=said):
            items(sources.of(str(path), Columns(question=wrong)))


def test_bytes_are_no_text(tmp_path: Path):
    pq.write_table(pa.Table.from_pylist([{"question": b"x"}]), tmp_path / "a.parquet")
    for columns in (Columns(), Columns("question")):
        with pytest.raises(Invalid, match="the column question holds bytes, not a text"):
            items(sources.of(str(tmp_path / "a.parquet"), columns))


GERMAN = "Größe; Länge"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        ('Frage;Antwort, kurz;Teil\n"Größe; Länge";x, y;z\n', "utf-8", ""),
        ('Frage;Teil\r\n"Größe; Länge";z\r\n', "utf-8-sig", ""),
        ('Frage;Teil\n"Größe; Länge";z\n', "utf-16", ""),
        ('Frage;Teil\n"Größe; Länge";z\n', "utf-16-le", ""),
        ('Frage;Teil\n"Größe; Länge";z\n', "cp1252", "cp1252"),
        ("sep=|\nFrage|Teil\nGröße; Länge|z\n", "utf-8", ""),
        ("Frage\tTeil\nGröße; Länge\tz\n", "utf-8", ""),
        ("Frage,Teil\nGröße; Länge,z,,\n", "utf-8", ""),
        ("Frage\nGröße; Länge\n", "utf-8", ""),
    ],
    ids=[*("semicolon", "mark", "utf-16", "zeros", "named", "sep", "tab", "empty cells", "one column")],
)
def test_cells_and_letters_are_told_by_the_file(tmp_path: Path, text: str, encoding: str, named: str):
    path = tmp_path / "exam.csv"
    path.write_bytes(text.encode(encoding))
    source = sources.of(str(path), Columns("Frage"), encoding=named)
    assert [item["text"] for item in items(source)] == [GERMAN]


MESSAGES = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "One?"},
    {"role": "assistant", "content": "1"},
    {"role": "user", "content": "Two?"},
]


@pytest.mark.parametrize(
    ("row", "named", "texts"),
    [
        ({"turns": ["One?", "Two?"]}, "", ["One?\nTwo?"]),
        ({"turns": ["One?", "Two?"]}, "turns.0", ["One?"]),
        ({"parts": ["One?", None, "Two?"]}, "parts.2", ["Two?"]),
        ({"messages": MESSAGES}, "", ["One?\nTwo?"]),
        ({"prompt": MESSAGES}, "", ["One?\nTwo?"]),
        (
            {"conversations": [{"from": "human", "value": "One?"}, {"from": "gpt", "value": "1"}]},
            "",
            ["One?"],
        ),
        ({"messages": MESSAGES}, "messages.0.content", ["Be brief."]),
        ({"qas": [{"question": "One?"}, {"question": "Two?"}]}, "qas.1.question", ["Two?"]),
        ({"qas": [{"question": "One?"}, {"question": "Two?"}]}, "qas.question", ["One?", "Two?"]),
        ({"a": {"b": [{"c": "One?"}]}}, "a.b.0.c", ["One?"]),
        ({"a.b": "One?", "a": {"b": "no"}}, "a.b", ["One?"]),
        ({"instruction": "Add.", "input": "1 + 1"}, "", ["Add.\n1 + 1"]),
        ({"instruction": "Add one to one.", "input": ""}, "", ["Add one to one."]),
        ({"instruction": "Add.", "input": "1 + 1"}, "input", ["1 + 1"]),
        ({"question": "One?", "input": "no"}, "", ["One?"]),
        ({"words": ["a", "b"], "text": "One?"}, "", ["One?"]),
    ],
    ids=str,
)
@pytest.mark.parametrize("form", [".jsonl", ".parquet"])
def test_questions_stand_in_parts_and_lists(
    tmp_path: Path, form: str, row: dict[str, Any], named: str, texts: list[str]
):
    path = tmp_path / f"a{form}"
    if form == ".parquet":
        pq.write_table(pa.Table.from_pylist([row]), path)
    else:
        path.write_text(json.dumps(row) + "\n")
    assert [item["text"] for item in items(sources.of(str(path), Columns(named)))] == texts


def test_a_list_without_a_place_is_no_text(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"qas": [{"question": "One?"}], "turns": ["a"]}) + "\n")
    for wrong, said in [
        ("turns.1", r"no column 'turns\.1' .* there are: qas\.0\.question, turns"),
        ("qas", "holds a list, not a text"),
        ("qas.0", "holds an object, not a text"),
    ]:
        with pytest.raises(Invalid, match=said):
            items(sources.of(str(path), Columns(question=wrong)))


def test_rows_with_the_same_text_are_counted(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps({"instruction": "Add.", "input": n}) + "\n" for n in ("1", "2", "1")))
    guessed, named = sources.of(str(path), Columns()), sources.of(str(path), Columns("instruction"))
    assert guessed.notes == ["question from the column instruction and, where it has a text, input"]
    assert [len({item["text"] for item in items(one)}) for one in (guessed, named)] == [2, 1]
    assert (guessed.repeated, named.repeated) == (1, 2)


def test_long_answers_are_items_of_their_own(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    long = "First count the ants, then multiply by six."
    found = [{"question": "One?", "answer": "6"}, {"question": "Two?", "answer": long}, {"question": None}]
    path.write_text("".join(json.dumps(row) + "\n" for row in found))
    source = sources.of(str(path), Columns(answer="answer"))
    assert [item["text"] for item in items(source)] == ["One?", "Two?", long]
    assert source.empty == 1


def test_what_cannot_be_stored_is_left_out_of_a_text(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"question": " a\x00b\x0c\ud800c "}) + "\n")
    assert [item["text"] for item in items(sources.of(str(path), Columns()))] == ["abc"]


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(Invalid, match=r"no file gsm9k, .* known are arc, bbh"):
        sources.of("gsm9k", Columns())


def test_the_help_lists_all_known_names():
    assert benchmark.load.__doc__
    for name in KNOWN:
        assert f" {name}" in benchmark.load.__doc__.replace("\n", " ")


@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_every_known_benchmark_says_what_is_needed(known: KnownBenchmark):
    assert known.repository.count("/") == 1
    assert all(known.files)
    assert known.question
    assert known.licence


def test_files_splits_and_tasks_are_told_by_their_places():
    files = [
        *(
            f"all/{split}-00000-of-00001.parquet"
            for split in ("auxiliary_train", "dev", "test", "validation")
        ),
        *("README.md", "anatomy/test-00000-of-00001.parquet"),
    ]
    chosen = fetching.chosen(KNOWN["mmlu"], files)
    assert [fetching.split_of(KNOWN["mmlu"], file) for file in chosen] == ["dev", "test", "validation"]
    assert {fetching.task_of(KNOWN["mmlu"], file, chosen) for file in chosen} == {""}
    arc = ["ARC-Easy/test-00000-of-00001.parquet", "ARC-Challenge/train-00000-of-00001.parquet"]
    assert [fetching.task_of(KNOWN["arc"], file, arc) for file in arc] == ["ARC-Easy", "ARC-Challenge"]
    with pytest.raises(Invalid, match=r"has no file main/\*\.parquet any more; it has README.md"):
        fetching.chosen(KNOWN["gsm8k"], ["README.md"])


def test_fetched_from_the_hub_with_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    content = written(tmp_path, "a.parquet").read_bytes()
    files = {f"main/{split}-00000-of-00001.parquet": content for split in ("train", "test")}
    with DatasetHub() as hub:
        published = hub.publish("openai/gsm8k", files)
        commit, files = fetching.fetch("gsm8k", KNOWN["gsm8k"], hub.address)
        assert (commit, [file.split for file in files]) == (published, ["test", "train"])
        assert [len([*rows.read(file.path)]) for file in files] == [2, 2]
        with pytest.raises(Invalid, match=r"math cannot be fetched .* --name math"):
            fetching.fetch("math", KNOWN["math"], hub.address)
    with pytest.raises(Invalid, match=r"cannot be fetched .* glan benchmark load FILE --name gsm8k"):
        fetching.fetch("gsm8k", KNOWN["gsm8k"], "http://127.0.0.1:1")
