"""One file per step of the method: how it asks, and how it reads the reply.

The door is the steps themselves, `parsing` and `language`.
"""
