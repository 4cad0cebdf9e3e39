// No two searches for duplicates have one id.
// access: schema
CREATE CONSTRAINT duplicate_search_id IF NOT EXISTS FOR (s:DuplicateSearch) REQUIRE s.id IS UNIQUE
