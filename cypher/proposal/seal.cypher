// Seals locked proposals as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (p:Proposal {id: row.id})
SET p.seal = row.seal
