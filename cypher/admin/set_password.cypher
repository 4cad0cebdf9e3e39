// Gives a user of the embedded Neo4j its password; run on the system database.
// access: schema
// $username string: the user
// $password string: its password from now on
ALTER USER $username SET PASSWORD $password CHANGE NOT REQUIRED
