"""`huep bots doctor`: how each bot stands, in one line a fault, and what of it can be mended."""
