"""The directory as the provisioner reads it, writes it, and tells Synapse of it."""
