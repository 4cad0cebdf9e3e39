// Those of some units that have ended.
// access: read
// $ids list: ids of units
// example: {"ids": ["00"]}
UNWIND $ids AS id
MATCH (u:WorkUnit {id: id, state: 'done'})
RETURN u.id AS id
