"""Tests of the Synapse modules on a real reactor: `python -m twisted.trial tests.trial`."""
