// Lists the votes of a round in the order in which they came.
// access: schema
CREATE INDEX vote_round IF NOT EXISTS FOR (v:Vote) ON (v.round, v.id)
