"""REST resources, one file each; thin: they validate, call graph or generators, and answer."""
