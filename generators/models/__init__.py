"""Language models over the OpenAI protocol: which, where, at what price, how many calls at once, refusals.

The door is `settings`, `registry`, `chat`, `budget`, `prices`, `progress`, `stop`, and, for wiring, `client`
and `local_model`.
"""
