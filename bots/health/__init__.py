"""How the bots are: vitals, readiness, figures, and logs that hold no words of people."""
