"""What the service remembers about callers: `tokens`, and answers to repeated requests (`idempotency`)."""
