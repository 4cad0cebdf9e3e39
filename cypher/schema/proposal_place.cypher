// Lists the proposals of a state, best first.
// access: schema
CREATE INDEX proposal_place IF NOT EXISTS FOR (p:Proposal) ON (p.state, p.place)
