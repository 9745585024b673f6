"""Google Cloud on one machine: stand-ins that speak the real wire protocols on 127.0.0.1."""
