// The state of the database that this is run in: the number of the last transaction that changed it.
// access: read
SHOW DATABASES YIELD name, currentStatus, lastCommittedTxn, home
WHERE home AND lastCommittedTxn IS NOT NULL
RETURN max(lastCommittedTxn) AS state
