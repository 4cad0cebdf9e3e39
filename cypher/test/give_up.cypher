// Removes a test set that could not be begun.
// access: write
// $name string: its name
MATCH (t:GlanTest {name: $name}) WHERE NOT EXISTS { MATCH (:Job {id: t.id}) }
DETACH DELETE t
