// A test set is there once.
// access: schema
CREATE CONSTRAINT glan_test_name IF NOT EXISTS FOR (t:GlanTest) REQUIRE t.name IS UNIQUE
