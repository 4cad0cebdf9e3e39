// Has draws look whether a combination has its instruction already, where a syllabus got a session from elsewhere.
// access: write
// $ids list: the nodes above the session, those of them that are syllabi
MATCH (y:TaxonomyNode) WHERE y.id IN $ids AND y:Syllabus
SET y.respaced = true
