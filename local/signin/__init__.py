"""Google's side of sign-in on the loopback: OpenID Connect, the metadata server and IAM credentials."""
