"""What can be seen of a question or an answer by rules: the flaws of a text.

The door: `questions` and `answers`, both in `text_rules`; `repetition` and `personal_data`.
"""
