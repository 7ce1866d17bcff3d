"""Plans carried out: lanes, batches, journal, reading back."""
