"""From a judge's marks to verdicts and outcomes, and how a judge is judged.

Modules are imported directly.
"""
