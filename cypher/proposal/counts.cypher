// The number of proposals in each of some states.
// access: read
// $states list: states
// example: {"states": ["open"]}
UNWIND $states AS state
RETURN state, COUNT { (:Proposal {state: state}) } AS proposals
