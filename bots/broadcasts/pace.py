"""Pure: how soon to look again how far an announcement has come. Messages arrive at once or late; people take hours."""

from datetime import timedelta

FIRST_ARRIVALS = timedelta(seconds=3)
LOOKS_OF_A_MINUTE = 20
LOOKS_OF_AN_HOUR = 80


def of_arrivals(looks: int) -> timedelta:
    """While messages are on their way, after so many looks."""
    if looks < LOOKS_OF_A_MINUTE:
        return FIRST_ARRIVALS
    return timedelta(minutes=1) if looks < LOOKS_OF_AN_HOUR else timedelta(minutes=15)


def of_acknowledgements(elapsed: timedelta) -> timedelta:
    """While people take note of it, so long after it was sent."""
    if elapsed < timedelta(hours=1):
        return timedelta(minutes=1)
    return timedelta(minutes=15) if elapsed < timedelta(hours=8) else timedelta(hours=2)
