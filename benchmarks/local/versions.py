"""What the rivals are: pinned, so that a run next year compares with the same."""

PYPI = ("drongo==0.8.0", "grpcio==1.85.1", "google-cloud-firestore==2.34.1")
"""drongo, an emulator of several services in memory, and the libraries that its Firestore needs."""
NPM = {"@firestore-emulator/server": "0.3.15"}
"""A Firestore emulator in memory, in TypeScript."""
