"""Matrix clients that share no code with the bots, to see HueP as other people's software sees it."""
