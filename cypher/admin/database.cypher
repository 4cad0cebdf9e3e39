// The name of the database that a session is in.
// access: read
CALL db.info() YIELD name
RETURN name
