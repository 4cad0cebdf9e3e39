"""Named queries, one a file: node/children.cypher is the query node.children. Data only."""
