"""Push notifications that stay in the building: addresses of gateways, and HueP's own gateway."""
