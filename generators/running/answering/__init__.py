"""Makes answers: one, as many as it takes to agree, or one that was criticised and written again.

The door is `answer_stage`, and `consensus_stage` for its rule.
"""
