// Counts a sentinel that a judge was tried on, and what that used.
// access: write
// $id string: the judge's id in its job
// $counts list: what to add to each count
MATCH (g:Judge {id: $id})
SET g.counts = [n IN range(0, size(g.counts) - 1) | g.counts[n] + $counts[n]]
