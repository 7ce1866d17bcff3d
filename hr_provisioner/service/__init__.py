"""The provisioner as a service: schedule, webhook, SCIM, health and metrics on one loopback port."""
