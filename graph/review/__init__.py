"""Reviews of a taxonomy: rounds in which people vote on its nodes, and what follows from their votes.

The door is `rounds`, `votes` and their `loading`, `closing`, `results` (who decided what, and whom to ask
next), and `agreement`.
"""
