"""Pure: a register and the directory become a plan; may it run; how it is taken back."""
