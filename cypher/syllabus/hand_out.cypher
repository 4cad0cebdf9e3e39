// Moves the cursors of a locked syllabus: the positions before them are handed out for good.
// access: write
// $id string: the syllabus
// $drawn list: positions handed out, one number a stratum
// $capacity list: combinations in all, one number a stratum
// $space_version string: the version of sessions and concepts these numbers belong to
// $respaced boolean: whether the version ever changed, so that a combination may have its instruction already
MATCH (y:TaxonomyNode {id: $id})
SET y.drawn = $drawn, y.capacity = $capacity, y.space_version = $space_version, y.respaced = $respaced
