// The names of the accepted disciplines of the whole graph, from which personas are drawn.
// access: read
// $limit integer: maximum number of rows
// example: {"limit": 25000}
MATCH (d:Discipline {status: 'accepted'})
RETURN d.id AS id, d.name AS name ORDER BY id LIMIT $limit
