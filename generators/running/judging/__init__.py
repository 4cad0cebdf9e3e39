"""Asks a second model what it thinks of a question or an answer.

The door is `judge_stage` in a run, and `judge` wherever else verdicts are wanted.
"""
