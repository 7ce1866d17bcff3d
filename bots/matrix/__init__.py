"""Matrix as the bots and the terminal client see it; the only package that imports nio."""
