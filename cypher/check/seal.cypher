// Seals locked checks as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (c:Check {id: row.id})
SET c.seal = row.seal
