"""The two algorithms of encryption in Matrix, and the kind of key with which an Olm session begins."""

OLM = "m.olm.v1.curve25519-aes-sha2"
"""Between two devices."""
MEGOLM = "m.megolm.v1.aes-sha2"
"""From one device to all in a room."""
SIGNED_KEY = "signed_curve25519"
"""One-time and fallback keys, with which an Olm session begins."""
