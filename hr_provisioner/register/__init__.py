"""Raw rows to validated records, or quarantine with a reason."""
