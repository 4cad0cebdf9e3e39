// Items of a benchmark in the order of their ids.
// access: read
// $after string: the id after which to begin; the benchmark's name and a slash at the start
// $end string: the id before which to end
// $limit integer: maximum number of rows
// example: {"after": "gsm8k/", "end": "gsm8k0", "limit": 100}
MATCH (i:BenchmarkItem) WHERE i.id > $after AND i.id < $end
WITH i ORDER BY i.id LIMIT $limit
RETURN i.id AS id, i.text AS text
ORDER BY i.id
