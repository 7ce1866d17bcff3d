"""`huep bots announcements`: what operators see of announcements, never their words, and how they prove them."""
