"""Runs the console."""

from services.console.app import create_app
from shared.web.serve import serve

serve("console", create_app)
