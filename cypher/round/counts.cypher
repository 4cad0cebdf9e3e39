// The number of rounds and of their current votes, by state.
// access: read
// example: {}
MATCH (r:Round) WHERE r.id > ''
RETURN r.state AS state, count(*) AS rounds, sum(r.votes) AS votes
