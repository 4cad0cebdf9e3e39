// Remembered requests are forgotten by their age.
// access: schema
CREATE INDEX request_created IF NOT EXISTS FOR (r:Request) ON (r.created_at)
