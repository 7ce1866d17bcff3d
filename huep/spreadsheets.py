"""Text on its way into a spreadsheet, which must not take it for anything else."""

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")
LONGEST_CELL = 32_767
"""Excel refuses longer texts."""
PLAIN_TEXT = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Options of `xlsxwriter.Workbook`: a text stays a text."""


def safe(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula, nor refuses its length."""
    guarded = f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
    return guarded[:LONGEST_CELL]
