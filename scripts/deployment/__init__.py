"""What scripts/deploy does: look ahead, plan, apply, fill the secrets, publish the page, ask it."""
