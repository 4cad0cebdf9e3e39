// The same suggestion is one proposal, however often it is made.
// access: schema
CREATE CONSTRAINT proposal_key IF NOT EXISTS FOR (p:Proposal) REQUIRE p.key IS UNIQUE
