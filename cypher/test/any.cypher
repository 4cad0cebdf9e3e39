// Whether there is any test set, so that draws look at what is held out.
// access: read
RETURN EXISTS { MATCH (t:GlanTest) WHERE t.name > '' } AS found
