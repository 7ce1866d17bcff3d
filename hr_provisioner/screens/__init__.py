"""What an officer sees: on the terminal, and as a workbook."""
