"""Runs the ingest service."""

from services.ingest.app import create_app
from shared.web.serve import serve

serve("ingest", create_app)
