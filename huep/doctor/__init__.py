"""`huep doctor`: whether anything that runs here would leave the building."""
