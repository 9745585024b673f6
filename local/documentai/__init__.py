"""Document AI on the loopback: text of scanned pages."""
