"""Names of people and units as they are typed, against the directory: choices, never a guess."""
