// The number of proposals in each of some states.
// access: read
// $states list: states
// example: {"states": ["open"]}
UNWIND $states AS state
CALL (state) {
  // Every proposal has a place; the index is asked for both.
  MATCH (p:Proposal {state: state}) WHERE p.place > ''
  RETURN count(p) AS proposals
}
RETURN state, proposals
