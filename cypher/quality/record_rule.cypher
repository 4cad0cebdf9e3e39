// Stores by which rule, with which settings, instructions are checked; once it is there it stays as it is.
// access: write
// $id string: the rule's id, such as near-duplicates@3
// $settings string: its settings, as JSON
MERGE (r:Rule {id: $id})
ON CREATE SET r.settings = $settings, r.created_at = datetime()
