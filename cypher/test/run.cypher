// Says which test set a job runs.
// access: write
// $name string: the test set
// $job_id string: the job
MATCH (t:GlanTest {name: $name})
MATCH (j:Job {id: $job_id})
MERGE (j)-[:RUNS]->(t)
