"""What the service remembers of its callers: `tokens`, and answers to repeated requests (`idempotency`)."""
