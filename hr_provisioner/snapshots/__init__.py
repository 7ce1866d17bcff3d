"""Readings of the register: judged beside the last one, kept, and who is missing from them."""
