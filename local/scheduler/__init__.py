"""Cloud Scheduler on this machine: posts what terraform would schedule."""
