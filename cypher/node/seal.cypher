// Seals locked nodes as they now are.
// access: write
// $rows list: maps of id and seal, the number that stands for what is shown of a node
UNWIND $rows AS row
MATCH (n:TaxonomyNode {id: row.id})
SET n.seal = row.seal
