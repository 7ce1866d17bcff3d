"""Spaces, rooms and memberships as the units want them."""
