"""The concept combinations of a syllabus: counted, numbered, shuffled and handed out. Pure arithmetic.

The door is `combinations`, `syllabus_space`, `handed_out` and `gaps`; only `syllabus_space` shuffles.
"""
