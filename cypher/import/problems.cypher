// Parts of the problems of an import, by code and number.
// access: read
// $id string: the import's id
// $code string or null: only these
// $after map: code and n, of the last problem before them
// $limit integer: maximum number of parts
// example: {"id": "0190", "code": null, "after": {"code": "", "n": 0}, "limit": 10}
MATCH (:Import {id: $id})-[:HAS_PROBLEMS]->(p)
WHERE ($code IS NULL OR p.code = $code)
  AND (p.code > $after.code OR (p.code = $after.code AND p.first + size(p.uris) - 1 > $after.n))
RETURN p.code AS code, p.first AS first, p.uris AS uris, p.texts AS texts
ORDER BY code, first LIMIT $limit
