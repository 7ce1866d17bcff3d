"""From the HR register to accounts, spaces and rooms: read, validate, plan, guard, apply."""
