"""Cloud Tasks on this machine: queues that deliver over HTTP, and survive kill -9."""
