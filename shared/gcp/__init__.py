"""The only room that imports Google's SDKs: one adapter an interface, clients made lazily."""
