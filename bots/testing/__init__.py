"""What a bot is tried on: people who speak to it, a clock that moves, a network that breaks (docs/new-bot.md)."""
