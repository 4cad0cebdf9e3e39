// The nodes that have some URIs, or whose ids these are as urn:glan:ID; each URI comes with at most two of them.
// access: read
// $batch map: uris
// example: {"batch": {"uris": ["urn:glan:0190"]}}
UNWIND $batch.uris AS uri
CALL (uri) {
  MATCH (n:TaxonomyNode {uri: uri})
  RETURN n.id AS id ORDER BY id LIMIT 2
  UNION
  MATCH (n:TaxonomyNode {id: split(uri, 'urn:glan:')[1]})
  RETURN n.id AS id
}
RETURN collect([uri, id]) AS found
