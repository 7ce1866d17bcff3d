"""Vietnamese phrases of time to half-open intervals; the grammar stands in docs/language.md."""
