"""The Vietnamese calendar: lunar dates, holidays by law, working days and office hours. Pure, of values alone."""
