"""Sessions: nobody else can read, make or change one, and it ends."""

from __future__ import annotations

from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.links import LINK_SECONDS, SignInLinks
from services.console.roles import Role, role_of
from services.console.sealing import Seal, UnsealedError
from services.console.sessions import Sessions
from services.console.settings import ConsoleSettings
from shared.invalid_settings import InvalidSettingsError
from shared.web.scopes import Scope
from tests.unit.console.signing_in import session

SECRET = "s" * 32
LETTERS = ascii_letters + digits + "-_"


@given(st.binary(max_size=2_000))
def test_what_was_sealed_is_opened_by_the_same_secret_alone(content: bytes) -> None:
    sealed = Seal(SECRET).close(content)
    assert Seal(SECRET).open(sealed) == content
    with pytest.raises(UnsealedError):
        Seal("t" * 32).open(sealed)


@given(place=st.integers(0, 45), step=st.integers(1, len(LETTERS) - 1))
def test_a_changed_seal_is_refused(place: int, step: int) -> None:
    """What is drawn must not depend on the seal, which is another one each time."""
    seal = Seal(SECRET)
    sealed = seal.close(b"content")
    assert len(sealed) == 47, "two bits of the last character mean nothing"
    other = LETTERS[(LETTERS.index(sealed[place]) + step) % len(LETTERS)]
    with pytest.raises(UnsealedError):
        seal.open(sealed[:place] + other + sealed[place + 1 :])


@given(st.text(max_size=300))
def test_whatever_a_cookie_says_is_no_session_unless_it_was_made_here(cookie: str) -> None:
    assert Sessions(Seal(SECRET)).read(cookie, 0) is None


def test_a_session_shows_its_key_to_nobody() -> None:
    one = session({Scope.READ})
    cookie = Sessions(Seal(SECRET)).write(one)
    assert "sk_secret" not in cookie
    assert "sk_secret" not in repr(one)
    assert len(cookie) < 3_800, "a browser keeps cookies of 4 KiB"


def test_a_session_ends() -> None:
    sessions = Sessions(Seal(SECRET))
    cookie = sessions.write(session({Scope.READ}, until=100.0))
    assert sessions.read(cookie, 99.9) is not None
    assert sessions.read(cookie, 100.0) is None


def test_without_a_secret_every_process_has_a_seal_of_its_own() -> None:
    with pytest.raises(UnsealedError):
        Seal("").open(Seal("").close(b"content"))


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(InvalidSettingsError, match="32 characters"):
        ConsoleSettings(console_secret="short")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scopes", "role"),
    [
        ({Scope.READ}, Role.VIEWER),
        ({Scope.READ, Scope.REVIEW}, Role.MODERATOR),
        ({Scope.READ, Scope.CAMPAIGNS_WRITE}, Role.OPERATOR),
        ({Scope.READ, Scope.REVIEW, Scope.RULES_WRITE}, Role.OPERATOR),
        ({Scope.ADMIN}, Role.ADMIN),
        (set(Scope), Role.ADMIN),
    ],
)
def test_a_role_is_the_highest_that_a_scope_gives(scopes: set[Scope], role: Role) -> None:
    assert role_of(scopes) is role


def test_an_admin_may_do_everything_and_a_viewer_only_read() -> None:
    assert all(session({Scope.ADMIN}).may(scope) for scope in Scope)
    assert [scope for scope in Scope if session({Scope.READ}).may(scope)] == [Scope.READ]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_link_signs_in_once_and_not_late() -> None:
    clock = Clock()
    links = SignInLinks(clock)
    one = session({Scope.READ})
    first, second = links.make(one), links.make(one)
    assert links.use(first) == one
    assert links.use(first) is None
    clock.now = LINK_SECONDS
    assert links.use(second) is None
    assert links.use("made up") is None
