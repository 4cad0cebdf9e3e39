"""Jobs with their ledgers, their workers' leases, their units, and the figures of past jobs.

The door is all of it: `job`, `jobs`, `judges`, `leases`, `units`, `kept_replies`, `past`.
"""
