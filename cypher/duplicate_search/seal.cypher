// Seals locked searches for duplicates as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (s:DuplicateSearch {id: row.id})
SET s.seal = row.seal
