"""Estimates what a job will use before it begins, and whether its combinations suffice.

The door is `estimate`.
"""
