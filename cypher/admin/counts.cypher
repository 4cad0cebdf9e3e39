// How many nodes there are by label, and how many relationships by type and by the label that they begin at, as Neo4j keeps count of them.
// access: read
CALL db.stats.retrieve('GRAPH COUNTS') YIELD data
RETURN [row IN data.nodes WHERE row.label IS NOT NULL | [row.label, row.count]] AS nodes,
       [row IN data.relationships WHERE row.relationshipType IS NULL AND row.startLabel IS NULL AND row.endLabel IS NULL | row.count][0] AS links,
       reduce(sum = 0, row IN [row IN data.relationships WHERE row.startLabel = 'Instruction' AND row.endLabel IS NULL] | sum + row.count) AS of_instructions
