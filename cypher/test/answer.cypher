// Stores answers to test questions; one that is there stays as it is. Returns the ids of the questions that were found.
// access: write
// $rows list: maps of id, item (the question's id) and properties
UNWIND $rows AS row
MATCH (i:Instruction {id: row.item}) WHERE i.status = 'held'
MERGE (a:TestAnswer {id: row.id})
  ON CREATE SET a += row.properties, a.at = datetime()
MERGE (a)-[:ANSWERS]->(i)
RETURN i.id AS id, a.text = row.properties.text AS same
