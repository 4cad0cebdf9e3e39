"""The steps of the method, one file each: how it asks, and how it reads the reply.

The door is the steps themselves, `parsing` and `language`.
"""
