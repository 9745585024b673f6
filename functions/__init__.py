"""One folder a Cloud Function; HTTP only."""
