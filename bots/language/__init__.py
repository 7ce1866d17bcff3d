"""How people write Vietnamese, and how the bots answer in it."""
