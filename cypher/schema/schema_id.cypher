// There is one schema node; it is also the lock for changes of the taxonomy's shape.
// access: schema
CREATE CONSTRAINT schema_id IF NOT EXISTS FOR (s:Schema) REQUIRE s.id IS UNIQUE
