"""What every service's HTTP side is made of; `service.py` puts it together."""

from shared.web.health import Component
from shared.web.service import Service

__all__ = ["Component", "Service"]
