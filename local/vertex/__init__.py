"""Vertex AI on this machine: embeddings, generation and vector search."""
