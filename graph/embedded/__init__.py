"""Neo4j on the user's own machine, run by glan as a child process.

The door is `attach` (start or find Neo4j, inspect it, stop it) and `browser` (Neo4j Browser's files);
settings and commands also import `data_folder`, `jar_lock` and `ports`. Everything here blocks.
"""
