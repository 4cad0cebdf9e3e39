// Locks jobs, whoever holds them, and returns them as they now are.
// access: write
// $ids list: ids of the jobs
UNWIND $ids AS id
MATCH (j:Job {id: id})
SET j.fence = j.fence + 0
RETURN j {.*, created_at: toString(j.created_at), started_at: toString(j.started_at), ended_at: toString(j.ended_at), lease_until: toString(j.lease_until)} AS job, coalesce(j.lease_until > datetime(), false) AS held
