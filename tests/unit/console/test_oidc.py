"""Signing in with an identity provider: who is refused, and why."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from services.console.oidc.configuration import is_safe, roles_of
from services.console.oidc.identity import (
    Expected,
    Refusal,
    RefusedError,
    identity_of,
    role_in,
)
from services.console.pages.oidc import REQUEST_COOKIE
from services.console.roles import SCOPES, Role, role_of
from services.console.sessions import COOKIE
from services.console.settings import ConsoleSettings
from shared.invalid_settings import InvalidSettingsError
from tests.unit.console.identity_provider import (
    IdentityProvider,
    identity_provider,
    settings_of,
)
from tests.unit.console.signing_in import HOST, browser, console

NOW = 1_800_000_000
KEY = RSAKey.generate_key(2048, {"kid": "k"})
EXPECTED = Expected("https://id.test", "console", "n-1")
GOOD: dict[str, Any] = {
    "iss": "https://id.test",
    "aud": "console",
    "sub": "u-1",
    "nonce": "n-1",
    "iat": NOW - 5,
    "exp": NOW + 300,
}


@pytest.fixture(scope="module")
def shared() -> Iterator[IdentityProvider]:
    with identity_provider() as found:
        yield found


@pytest.fixture
def provider(shared: IdentityProvider) -> IdentityProvider:
    """The provider, which gets nothing wrong yet."""
    shared.claims = {}
    return shared


def signed(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": "k"}, claims, key, algorithms=[alg])


def test_a_token_of_the_provider_s_says_who_it_is() -> None:
    told = {**GOOD, "email": "mei@acme.test"}
    found = identity_of(signed(told), KeySet([KEY]), EXPECTED, NOW)
    assert (found.subject, found.name) == ("u-1", "mei@acme.test")


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.test"},
        {"aud": "another"},
        {"aud": ["console", "another"]},
        {"aud": ["console", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "n-2"},
        {"nonce": None},
        {"exp": NOW - 61},
        {"exp": "tomorrow"},
        {"exp": None},
        {"iat": NOW + 61},
        {"nbf": NOW + 61},
        {"sub": ""},
        {"sub": 7},
    ],
)
def test_a_token_that_is_not_for_us_or_not_now_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        identity_of(signed({**GOOD, **wrong}), KeySet([KEY]), EXPECTED, NOW)
    assert refused.value.refusal is Refusal.UNBELIEVED


def test_a_token_of_a_key_that_is_not_the_provider_s_is_refused() -> None:
    other = RSAKey.generate_key(2048, {"kid": "k"})
    head, body, _ = signed(GOOD).split(".")
    forged = [signed(GOOD, other), hashed_with_the_public_key(), f"{head}.{body}.", "a.b.c", ""]
    for token in forged:
        with pytest.raises(RefusedError):
            identity_of(token, KeySet([KEY]), EXPECTED, NOW)


def hashed_with_the_public_key() -> str:
    """Return a token of who takes the provider's public key for a shared secret."""
    parts = ({"alg": "HS256", "kid": "k"}, GOOD)
    told = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode() for part in parts)
    mac = hmac.digest(KEY.as_pem(private=False), told.replace("=", "").encode(), "sha256")
    return f"{told}.{base64.urlsafe_b64encode(mac).decode()}".replace("=", "")


def test_a_clock_that_is_a_little_off_is_forgiven() -> None:
    early = {**GOOD, "iat": NOW + 30, "exp": NOW + 330}
    late = {**GOOD, "exp": NOW - 30}
    for told in (early, late):
        assert identity_of(signed(told), KeySet([KEY]), EXPECTED, NOW).subject == "u-1"


def test_the_highest_role_counts_and_no_role_is_refused() -> None:
    roles = roles_of("moderator=helpers, admin=leads,viewer=everybody,viewer=leads")
    assert role_in({"groups": ["everybody", "leads"]}, "groups", roles) is Role.ADMIN
    assert role_in({"department": "helpers"}, "department", roles) is Role.MODERATOR
    for told in ({}, {"groups": []}, {"groups": ["strangers"]}, {"groups": {"leads": 1}}):
        with pytest.raises(RefusedError) as refused:
            role_in(told, "groups", roles)
        assert refused.value.refusal is Refusal.ROLE


@pytest.mark.parametrize("role", Role)
def test_a_key_that_is_made_for_a_role_gives_it(role: Role) -> None:
    assert role_of(SCOPES[role]) is role


@pytest.mark.parametrize("text", ["leads", "boss=leads", "admin=", "=leads"])
def test_roles_that_are_not_written_so_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="ROLE=VALUE"):
        roles_of(text)


def test_a_provider_is_reached_over_https_or_on_this_machine() -> None:
    good = ("https://id.test/realm", "http://127.0.0.1:9/x", "http://localhost/", "http://[::1]/")
    bad = ("http://id.test", "ftp://id.test", "https://", "id.test", "http://127.0.0.1.evil.test")
    assert all(is_safe(url) for url in good)
    assert not any(is_safe(url) for url in bad)


def test_half_a_configuration_is_refused() -> None:
    with pytest.raises(
        InvalidSettingsError, match="STEWARD_CONSOLE_OIDC_KEY does not fit: is needed"
    ):
        ConsoleSettings(console_oidc_issuer="https://id.test", console_oidc_client_id="console")
    with pytest.raises(InvalidSettingsError, match="HTTPS"):
        ConsoleSettings(console_oidc_issuer="http://id.test")


def visitor(provider: IdentityProvider) -> httpx.AsyncClient:
    return browser(console(**settings_of(provider, "sk_admin", f"https://{HOST}")))


async def at_the_provider(person: httpx.AsyncClient) -> str:
    """Return where the provider sends back somebody who began here."""
    begun = await person.get("/sign-in/oidc", params={"to": "/groups"})
    assert begun.status_code == 303
    async with httpx.AsyncClient() as outside:
        return str((await outside.get(begun.headers["location"])).headers["location"])


async def test_the_request_is_kept_for_the_way_back_and_says_nothing(
    provider: IdentityProvider,
) -> None:
    async with visitor(provider) as person:
        begun = await person.get("/sign-in/oidc")
    (cookie,) = begun.headers.get_list("set-cookie")
    assert "samesite=lax" in cookie.lower()
    assert "HttpOnly" in cookie
    asked = parse_qs(urlsplit(begun.headers["location"]).query)
    assert asked["state"][0] not in cookie
    assert asked["nonce"] != asked["state"]


@pytest.mark.parametrize(
    ("claims", "status", "said"),
    [
        ({"nonce": "another"}, 401, "cannot be believed"),
        ({"exp": 1}, 401, "cannot be believed"),
        ({"aud": "another"}, 401, "cannot be believed"),
        ({"groups": ["strangers"]}, 403, "nobody gave you a role"),
    ],
)
async def test_who_may_not_come_in_is_told_why(
    provider: IdentityProvider, claims: dict[str, Any], status: int, said: str
) -> None:
    provider.claims = claims
    async with visitor(provider) as person:
        answer = await person.get(await at_the_provider(person))
    assert answer.status_code == status
    assert said in answer.text
    assert COOKIE not in answer.cookies


async def test_a_way_back_that_another_browser_began_is_refused(
    provider: IdentityProvider,
) -> None:
    redeemed = provider.redeemed
    async with visitor(provider) as one, visitor(provider) as other:
        way_back = await at_the_provider(one)
        without = await other.get(way_back)
        await at_the_provider(other)
        crossed = await other.get(way_back)
        wrong = await one.get(way_back.replace("state=", "state=x"))
    for answer in (without, crossed, wrong):
        assert answer.status_code == 401
        assert "begun in another browser" in answer.text
    assert provider.redeemed == redeemed, "a code was sent on without its browser"


async def test_a_way_back_is_good_once(provider: IdentityProvider) -> None:
    provider.claims = {"groups": []}
    async with visitor(provider) as person:
        way_back = await at_the_provider(person)
        kept = person.cookies[REQUEST_COOKIE]
        assert (await person.get(way_back)).status_code == 403
        assert REQUEST_COOKIE not in person.cookies
        person.cookies.set(REQUEST_COOKIE, kept, domain=HOST, path="/sign-in/oidc")
        again = await person.get(way_back)
    assert again.status_code == 401


async def test_a_refusal_of_the_provider_and_another_provider_s_answer_are_told(
    provider: IdentityProvider,
) -> None:
    async with visitor(provider) as person:
        way_back = await at_the_provider(person)
        state = parse_qs(urlsplit(way_back).query)["state"][0]
        told = {"state": state, "error": "access_denied"}
        refused = await person.get("/sign-in/oidc/callback", params=told)
        way_back = await at_the_provider(person)
        mixed = await person.get(way_back.replace("iss=", "iss=x"))
    for answer in (refused, mixed):
        assert answer.status_code == 401
        assert "organisation" in answer.text


async def test_a_provider_that_changed_its_key_is_asked_for_it(
    provider: IdentityProvider,
) -> None:
    provider.claims = {"groups": []}
    async with visitor(provider) as person:
        assert (await person.get(await at_the_provider(person))).status_code == 403
        provider.key = RSAKey.generate_key(2048, {"kid": "second"})
        assert (await person.get(await at_the_provider(person))).status_code == 403


async def test_nobody_is_let_in_while_no_key_can_be_made(provider: IdentityProvider) -> None:
    async with visitor(provider) as person:
        answer = await person.get(await at_the_provider(person))
    assert answer.status_code == 503
    assert COOKIE not in answer.cookies


async def test_a_provider_that_is_away_is_said_to_be() -> None:
    with identity_provider() as gone:
        pass
    async with visitor(gone) as person:
        answer = await person.get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "something is away" in answer.text


async def test_without_a_provider_there_is_no_such_sign_in() -> None:
    async with browser(console()) as person:
        for path in ("/sign-in/oidc", "/sign-in/oidc/callback?code=x&state=y"):
            assert (await person.get(path)).status_code == 404
        assert "organisation" not in (await person.get("/sign-in")).text
