// Seals what is handed out of the crossings of locked syllabi as it now is.
// access: write
// $rows list: maps of first and second, ids of the syllabi, and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (:TaxonomyNode {id: row.first})-[r:CROSSED_WITH]->(:TaxonomyNode {id: row.second})
SET r.handed_seal = row.seal
