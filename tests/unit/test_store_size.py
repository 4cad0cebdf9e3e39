"""What instructions take of the store: files by what they hold, and whose that is."""

from pathlib import Path

import pytest

from graph.embedded.store_files import StoreFiles, store_files
from graph.store_size import Sort, split


def sort(label: str, nodes: int, properties: float = 0, texts: float = 0, lists: float = 0) -> Sort:
    return {"label": label, "nodes": nodes, "properties": properties, "texts": texts, "lists": lists}


def test_files_are_counted_by_what_they_hold(tmp_path: Path):
    sizes = {
        "databases/neo4j/neostore.nodestore.db": 1,
        "databases/neo4j/neostore.relationshipstore.db": 2,
        "databases/neo4j/neostore.relationshipgroupstore.db": 4,
        "databases/neo4j/neostore.propertystore.db": 8,
        "databases/neo4j/neostore.propertystore.db.index.keys": 16,
        "databases/neo4j/neostore.propertystore.db.strings": 32,
        "databases/neo4j/neostore.propertystore.db.arrays.id": 64,
        "databases/neo4j/schema/index/range-1.0/7/index-7": 128,
        "databases/neo4j/schema/index/fulltext-1.0/9/1/segment": 256,
        "databases/neo4j/schema/index/fulltext-1.0/9/1/other": 512,
        "databases/neo4j/neostore.counts.db": 1024,
        "databases/system/neostore.nodestore.db": 2048,
        "transactions/neo4j/neostore.transaction.db.3": 4096,
    }
    for name, size in sizes.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(bytes(size))
    found = store_files(tmp_path)
    assert found.kinds == {"nodes": 1, "links": 6, "properties": 24, "texts": 32, "lists": 64}
    assert found.indexes == {7: 128, 9: 768}
    assert (found.log, found.other) == (4096, 1024)
    assert found.store == 2047
    assert found.free > 0


def test_a_folder_that_is_not_there_is_empty(tmp_path: Path):
    assert store_files(tmp_path / "none") == StoreFiles()


def test_each_file_is_split_by_what_its_records_hold():
    kinds = {"nodes": 300, "links": 1000, "properties": 800, "texts": 900, "lists": 100}
    sorts = [
        sort("Instruction", 100, properties=6, texts=8, lists=1),
        sort("TaxonomyNode", 200, properties=1, texts=0.5),
    ]
    share = split(StoreFiles(kinds, {1: 500, 2: 70}), sorts, 0.25, 70)
    assert share is not None
    assert share.instructions == 100
    assert share.bytes == (100 + 250 + 600 + 800 + 100 + 70)
    assert share.each == pytest.approx(share.bytes / 100, rel=0.01)
    assert share.million == pytest.approx(share.bytes * 10_000, rel=0.01)


def test_releases_are_not_what_instructions_take():
    kinds = {"nodes": 0, "links": 0, "properties": 0, "texts": 0, "lists": 1000}
    found = [
        split(StoreFiles(kinds), [sort("Instruction", 10, lists=1)], 0.0, 0, of) for of in (0, 900, 2000)
    ]
    assert [share and share.bytes for share in found] == [1000, 100, 0]


def test_without_instructions_nothing_is_foretold():
    assert split(StoreFiles(), [sort("TaxonomyNode", 5, properties=3)], 0.0, 0) is None
