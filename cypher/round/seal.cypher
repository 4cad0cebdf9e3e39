// Seals locked rounds as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (r:Round {id: row.id})
SET r.seal = row.seal
