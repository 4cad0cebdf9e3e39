// The texts of some instructions and of some items of benchmarks.
// access: read
// $ids list: instructions
// $items list: items
// example: {"ids": ["00"], "items": ["gsm8k/00"]}
CALL () {
  UNWIND $ids AS id
  MATCH (i:Instruction {id: id})
  RETURN i.id AS id, i.status AS status, i.question AS question, i.answer AS answer, null AS benchmark, null AS split
  UNION ALL
  UNWIND $items AS id
  MATCH (item:BenchmarkItem {id: id})
  OPTIONAL MATCH (item)<-[:HAS_ITEM]-(b:Benchmark)
  RETURN item.id AS id, null AS status, item.text AS question, null AS answer, b.name AS benchmark, item.split AS split
}
RETURN id, status, question, answer, benchmark, split
