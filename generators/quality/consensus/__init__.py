"""When several answers to one question agree.

The door: `final_answers`; `expressions` compares values that text alone does not show.
"""
