"""The app every function is made of."""
