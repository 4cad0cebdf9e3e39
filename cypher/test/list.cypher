// The names of the test sets, in their order.
// access: read
// $after string: the cursor, empty at the start
// $limit integer: maximum number of rows
// example: {"after": "", "limit": 100}
MATCH (t:GlanTest) WHERE t.name > $after
RETURN t.name AS name ORDER BY name LIMIT $limit
