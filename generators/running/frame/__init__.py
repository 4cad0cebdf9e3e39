"""What every part of a run stands in: its context, its tasks, its writer, how its judges do, its rows.

The door is all of it.
"""
