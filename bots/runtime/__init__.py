"""What every bot is made of: a router of phrases, thin middleware, the loop that answers each message once."""
