"""Language models over the OpenAI protocol: addresses, prices, calls in flight, replies and refusals.

The door is `settings`, `registry`, `chat`, `budget`, `prices`, `progress`, `stop`, and, for wiring, `client`
and `local_model`.
"""
