"""Firebase Authentication and App Check on the loopback."""
