// One job.
// access: read
// $id string: the job's id
// example: {"id": "0190"}
MATCH (j:Job {id: $id})
RETURN j {.*, created_at: toString(j.created_at), started_at: toString(j.started_at), ended_at: toString(j.ended_at), lease_until: toString(j.lease_until)} AS job, coalesce(j.lease_until > datetime(), false) AS held
