"""Runs the notify service."""

from services.notify.app import create_app
from shared.web.serve import serve

serve("notify", create_app)
