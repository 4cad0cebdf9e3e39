// What is compared of nodes to find duplicates: labels and addresses, and statements of owl:sameAs and owl:differentFrom.
// access: read
// $ids list: ids
// example: {"ids": ["0190"]}
UNWIND $ids AS id
MATCH (n:TaxonomyNode {id: id})
// In one row: to read many takes the client longer than all of this the server.
RETURN collect([n.id, [label IN labels(n) WHERE label <> 'TaxonomyNode'][0], n.name, n.uri, n.notation, n.exactMatch, n.relatedMatch,
  [name IN keys(n) WHERE name STARTS WITH 'altLabel' OR name STARTS WITH 'prefLabel' | n[name]],
  [line IN coalesce(n.rdf, []) WHERE line CONTAINS 'owl#sameAs>' OR line CONTAINS 'owl#differentFrom>']]) AS entries
