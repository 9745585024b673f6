"""What no laptop can confirm: looked at once on the real project, and written down for Terraform."""
