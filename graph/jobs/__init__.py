"""Jobs with their ledgers, the leases of their workers, their units, and what is left of them afterwards.

The door is all of it: `job`, `jobs`, `leases`, `units`, `kept_replies`, `past`.
"""
