// Seals locked imports as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (i:Import {id: row.id})
SET i.seal = row.seal
