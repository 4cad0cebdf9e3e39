// Seals locked jobs as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree in a job
UNWIND $rows AS row
MATCH (j:Job {id: row.id})
SET j.seal = row.seal
