// Seals what is handed out of locked syllabi as it now is.
// access: write
// $rows list: maps of id and seal, the number that stands for what has to agree
UNWIND $rows AS row
MATCH (y:TaxonomyNode {id: row.id})
SET y.handed_seal = row.seal
