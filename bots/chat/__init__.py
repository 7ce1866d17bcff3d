"""`huep chat`: a small end-to-end encrypted client for a terminal."""
