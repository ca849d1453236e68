"""Steward's command line and the local stack that it runs on a developer's machine."""
