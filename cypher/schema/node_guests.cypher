// Notes where something stands whose home is another, which databases before schema 3 did not.
// access: schema
CALL () {
  MATCH (host:TaxonomyNode)-[:CONTAINS]->(n) WHERE NOT n:KeyConcept AND n.home <> host.id
  RETURN host
  UNION
  MATCH (host:Discipline)-[:CONTAINS*4]->(n:KeyConcept) WHERE n.home <> host.id
  RETURN host
}
WITH DISTINCT host WHERE host.guests IS NULL
SET host.guests = true
