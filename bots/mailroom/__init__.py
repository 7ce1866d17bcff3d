"""`huep bots outbox` and `huep bots inbox`: what could not be sent or dealt with, and what is done about it."""
