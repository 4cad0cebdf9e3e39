// Stores how a rule did on pairs whose answer is known, in place of what it did before.
// access: write
// $id string: the rule's id
// $calibration string: its counts and bounds, as JSON
MERGE (r:Rule {id: $id})
ON CREATE SET r.settings = '{}', r.created_at = datetime()
SET r.calibration = $calibration
