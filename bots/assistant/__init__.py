"""Trợ lý HueP: tells people who they are in the register, and where they stand in the house."""
