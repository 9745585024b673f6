"""Bytes of a document -> text with locators -> sections -> chunks. Pure: no network, no clock."""
