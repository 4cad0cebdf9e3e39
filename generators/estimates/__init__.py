"""What a job is likely to take before it begins, and how far its combinations reach.

The door is `estimate`.
"""
