"""The usual frameworks, each as its own documentation builds such an app, in an environment of its own."""
