"""Runs the stand-ins, the four functions and the gateway as one block of processes."""
