// For each kind, so that people can type MATCH (d:Discipline {name: 'Algebra'}); KIND stands for a kind of graph/model.py.
// access: schema
CREATE INDEX name_of_KIND IF NOT EXISTS FOR (n:KIND) ON (n.name)
