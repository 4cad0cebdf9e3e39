"""What the commands share: their way to the service, and how they print, wait and show progress.

The door is all of it; heavy imports stay inside the functions.
"""
