"""Brings a community's own history in: reads the exports of chat platforms, one module a format."""
