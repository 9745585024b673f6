"""A stand-in for Firestore: the gRPC service google.firestore.v1.Firestore over SQLite."""
