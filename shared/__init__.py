"""What the four functions are made of: foundations, services, and the adapters to Google."""
