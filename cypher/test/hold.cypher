// Holds class sessions out for a test set.
// access: write
// $name string: the test set
// $ids list: the sessions
MATCH (t:GlanTest {name: $name})
UNWIND $ids AS id
MATCH (s:TaxonomyNode {id: id})
MERGE (t)-[:HOLDS]->(s)
