"""What one process of the console has: connections, templates, the seal of sessions."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.console import charts
from services.console.assets import Assets
from services.console.catalogue import LANGUAGES, messages
from services.console.client import Services, Trouble
from services.console.links import SignInLinks
from services.console.oidc.configuration import Oidc
from services.console.oidc.provider import Provider
from services.console.sealing import Seal
from services.console.sessions import Sessions
from services.console.settings import ConsoleSettings


@dataclass
class Shell:
    """The parts that pages share."""

    settings: ConsoleSettings
    services: Services
    sessions: Sessions
    requests: Seal
    oidc: Oidc | None = None
    provider: Provider | None = None
    links: SignInLinks = field(default_factory=lambda: SignInLinks(time.time))
    assets: Assets = field(default_factory=Assets)

    @classmethod
    def of(cls, settings: ConsoleSettings) -> Shell:
        """Return the parts, made by the settings; raises what is wrong with the messages."""
        messages()
        services = Services(settings.urls, settings.console_timeout_seconds)
        secret = settings.console_secret.get_secret_value()
        oidc = settings.oidc
        return cls(
            settings,
            services,
            Sessions(Seal(secret)),
            Seal(secret, "sign-in request"),
            oidc,
            None if oidc is None else Provider(oidc, settings.console_timeout_seconds),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self.services.close()
        if self.provider is not None:
            await self.provider.close()

    @property
    def templates(self) -> Environment:
        """The templates."""
        return _templates(self.assets)


@cache
def _templates(assets: Assets) -> Environment:
    """Return the templates: everything is escaped, and a name that is not there is an error."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals |= {"asset": assets, "charts": charts, "languages": LANGUAGES}
    environment.tests["trouble"] = lambda value: isinstance(value, Trouble)
    return environment


def shell_of(request: Request) -> Shell:
    """Return the parts of the process that answers a request."""
    shell: Shell = request.app.state.shell
    return shell
