"""What expressions can call, by the name that the protocol has for it."""
