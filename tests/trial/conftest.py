"""These tests need a reactor of their own: tests/synapse_modules/test_under_trial.py has trial run them."""

collect_ignore_glob = ["test_*.py"]
