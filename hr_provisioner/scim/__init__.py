"""SCIM 2.0 in (RFC 7643, RFC 7644): an HR system writes people and units here, and the register is read from them."""
