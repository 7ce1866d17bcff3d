"""Typed cells, of a workbook, a database or JSON, to the text that a person would have typed."""

from datetime import date, datetime
from decimal import Decimal

from huep.clock import PROVINCE_TIMEZONE


def as_text(cell: object) -> str:
    """Nothing is an empty text, dates are ISO without a time of day, whole numbers have no decimal point,
    several values are parted by commas.
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        local = cell.astimezone(PROVINCE_TIMEZONE) if cell.tzinfo else cell
        return local.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, Decimal) and cell.is_finite() and cell == cell.to_integral_value():
        return str(int(cell))
    if isinstance(cell, list | tuple):
        return ", ".join(map(as_text, cell))
    return str(cell)


def as_remark(cell: object) -> str:
    """Like `as_text`, with the time of day of a moment."""
    return cell.isoformat(" ") if isinstance(cell, datetime) else as_text(cell)
