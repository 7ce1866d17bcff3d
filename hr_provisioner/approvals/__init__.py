"""What waits for two officers, and their keys and signatures."""
