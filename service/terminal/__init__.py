"""What the commands share: how they reach the service, print, wait and show progress.

The door is all of it; heavy imports stay inside the functions.
"""
