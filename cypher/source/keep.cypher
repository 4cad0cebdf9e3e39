// Has the aliases of merged nodes keep their URIs, and the keys that lead from a vocabulary to them.
// access: write
// $rows list: maps of id, of a merged node, source_key, notation_key and uri
UNWIND $rows AS row
MATCH (a:Alias {id: row.id})
SET a.source_key = row.source_key, a.notation_key = row.notation_key, a.uri = row.uri
