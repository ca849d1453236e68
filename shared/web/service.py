"""The HTTP side that every service has, put together once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.routing import Route
from starlette.types import ASGIApp
from structlog import get_logger

from shared.mongo import Client, Database
from shared.settings import Settings
from shared.web import problems
from shared.web.auth import Authenticator
from shared.web.bounds import Bounds
from shared.web.direct import Application, Direct
from shared.web.health import Component, Health, MongoPing
from shared.web.key_use import KeyUse
from shared.web.keys import ApiKeys
from shared.web.middleware import Observe
from shared.web.wire import Wired

log = get_logger(__name__)


class Service:
    """One service's HTTP side: health, metrics, problem details, tracing, authentication.

    `app` is the application to serve. The client to MongoDB is closed with it.
    Routes whose paths begin with one of `unbounded` read bodies on their own terms.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        client: Client,
        *,
        title: str,
        description: str,
        unbounded: tuple[str, ...] = (),
    ) -> None:
        self.name = name
        self.database: Database = client[settings.database]
        keys = ApiKeys(self.database)
        self.authenticator = Authenticator(keys)
        self._client = client
        self._components: list[Component] = [KeyUse(self.authenticator, keys)]
        self._draining = False
        self._described: dict[str, Any] = {}
        self.app = Application(
            title=title, description=description, version=_version(), lifespan=self._lifespan
        )
        self.app.state.authenticator = self.authenticator
        self.app.state.service = name
        self.app.add_middleware(Bounds, unbounded=unbounded)
        self.app.add_middleware(Observe, service=name)
        problems.install(self.app)
        self._add_health()

    def run(self, component: Component) -> None:
        """Start `component` with the service, after those before it, and stop it before them."""
        self._components.append(component)

    def serve(self, router: APIRouter) -> None:
        """Answer the routes of `router` under /v1."""
        self.app.include_router(router, prefix="/v1", responses=_RESPONSES)

    def post(self, path: str, endpoint: ASGIApp) -> None:
        """Answer POST requests to `path` by plain ASGI, without what FastAPI costs.

        Such a route is looked at before all others; the framework's own tells
        which methods there are.
        """
        self.app.direct["POST", path] = Observe(Direct(endpoint), self.name)
        self.app.router.routes.insert(0, Route(path, endpoint, methods=["POST"]))

    def wire(self, path: str, endpoint: Wired) -> None:
        """Answer POST requests to `path` that come whole without ASGI; `post` takes the others."""
        self.app.wired[path.encode()] = path, endpoint

    def describe(self, paths: Mapping[str, Any], schemas: Mapping[str, Any]) -> None:
        """Add the documentation of routes that FastAPI does not know, as OpenAPI objects."""
        generate = self.app.openapi

        def merged() -> dict[str, Any]:
            if self.app.openapi_schema is None:
                document = generate()
                known_paths = document["paths"]
                merged_paths = {
                    path: {**known_paths.get(path, {}), **paths[path]} for path in paths
                }
                document["paths"] = {**known_paths, **merged_paths}
                known = document.setdefault("components", {}).setdefault("schemas", {})
                known.update(schemas)
            return self.app.openapi_schema or {}

        self.app.openapi = merged  # type: ignore[method-assign]

    def _add_health(self) -> None:
        ping = MongoPing(self.database)
        health = Health(self._components, ping, lambda: self._draining)
        self.app.add_route("/healthz", health.alive, include_in_schema=False)
        self.app.add_route("/readyz", health.ready, include_in_schema=False)
        self.app.add_route("/metrics", health.metrics, include_in_schema=False)

    @asynccontextmanager
    async def _lifespan(self, _: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._client.close)
            for component in self._components:
                stack.push_async_callback(component.stop)
                await component.start()
            log.info("service_started", components=len(self._components))
            yield
            self._draining = True
            log.info("service_stopping")


def _version() -> str:
    try:
        return version("steward")
    except PackageNotFoundError:
        return "0"


def problem_response(description: str) -> dict[str, Any]:
    """Return the OpenAPI response of a route that answers with problem details."""
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string", "examples": ["urn:steward:problem:not-found"]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": {"type": "object"}},
            "trace_id": {"type": "string"},
        },
        "required": ["type", "title", "status"],
    }
    return {"description": description, "content": {problems.MEDIA_TYPE: {"schema": schema}}}


_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: problem_response("The body is not JSON."),
    401: problem_response("The API key is missing, unknown, expired or revoked."),
    403: problem_response("The API key lacks the scope that `scope` names."),
    404: problem_response("There is no such thing, or it is another tenant's."),
    408: problem_response("The body did not come in time."),
    413: problem_response("The body is too large."),
    422: problem_response("The request does not fit; `errors` names the fields."),
    503: problem_response("Kafka or MongoDB is away: try again after `Retry-After` seconds."),
}
