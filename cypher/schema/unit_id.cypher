// No two work units have one id.
// access: schema
CREATE CONSTRAINT unit_id IF NOT EXISTS FOR (u:WorkUnit) REQUIRE u.id IS UNIQUE
