"""Runs the scoring service."""

from services.scoring.app import create_app
from shared.web.serve import serve

serve("scoring", create_app)
