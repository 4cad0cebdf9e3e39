// A part of a release: lines of JSON, and what is known of each line, both compressed with zlib.
// access: read
// $id string: the release's name, a slash and the number of the part
// example: {"id": "2026-01/0"}
MATCH (p:ReleasePart {id: $id})
RETURN p.data AS data, p.facts AS facts
