"""What endpoints reply, read: the text, its thinking, its use, and what a refusal means.

Modules are imported directly; nothing here makes a request.
"""
