// Seals locked releases as they now are.
// access: write
// $rows list: maps of id (the name) and seal, the number that stands for what has to agree in a release
UNWIND $rows AS row
MATCH (r:Release {name: row.id})
SET r.seal = row.seal
