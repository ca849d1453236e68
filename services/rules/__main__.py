"""Runs the rules service."""

from services.rules.app import create_app
from shared.web.serve import serve

serve("rules", create_app)
