"""Guests: people outside the register, whom a leader sponsors until a day."""
