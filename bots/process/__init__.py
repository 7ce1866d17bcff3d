"""The bots as processes: who they are, who keeps them running, and who is told when they do not."""
