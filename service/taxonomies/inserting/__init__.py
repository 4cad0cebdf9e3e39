"""From a plan to the graph, the same for a command and for the service.

`insertion` is the door: it sends the items of a plan to a Store, finds what an earlier import had and the
file does not, and reports to the log of imports. A Store is the service as a client reaches it, or the graph
itself (`in_process`).
"""
