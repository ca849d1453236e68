"""The examples that platforms publish of their signatures and encryption."""

from __future__ import annotations

import msgspec
import pytest

from services.ingest.platforms import discord, feishu, slack, wecom
from services.ingest.platforms.aes import envelope_key, envelope_signature, open_envelope
from services.ingest.platforms.contract import Forged, ForgedError, Request
from services.ingest.platforms.table import PLATFORMS

SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)
WECOM_SECRETS = {
    "token": "QDG6eK",
    "encoding_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
    "corp_id": "wx5823bf96d3bd56c7",
}
WECOM_ECHO = (
    "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
)
WECOM_MESSAGE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj"
    "911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06"
    "DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQ"
    "H03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo"
    "6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+q"
    "N+E7Q=="
)
DINGTALK_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
DINGTALK_MESSAGE = (
    "1a3NBxmCFwkCJvfoQ7WhJHB+iX3qHPsc9JbaDznE1i03peOk1LaOQoRz3+nlyGNhwmwJ3vDMG+OzrHMeiZI7gTRWVdUBm"
    "fxjZ8Ej23JVYa9VrYeJ5as7XM/ZpulX8NEQis44w53h1qAgnC3PRzM7Zc/D6Ibr0rgUathB6zRHP8PYrfgnNOS9PhSBdH"
    "legK+AGGanfwjXuQ9+0pZcy0w9lQ=="
)
"""Of 2015, when the check of an address had another name."""


def test_slacks_example_has_slacks_signature() -> None:
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert slack.signature("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", SLACK_BODY) == expected
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": "1531420618",
        "x-slack-signature": expected,
    }
    request = Request(headers=headers, body=SLACK_BODY, now=1531420618)
    secrets = {"signing_secret": "8f742231b10e8888abcd99yyyzzz85a5"}
    assert slack.receive(request, secrets, None).ignored == ["form"]


def test_feishus_example_decrypts() -> None:
    assert (
        feishu.decrypt("test key", "P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=") == b"hello world"
    )


def test_wecoms_example_of_verifying_an_address_is_answered() -> None:
    query = {
        "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
        "timestamp": "1409659589",
        "nonce": "263014780",
        "echostr": WECOM_ECHO,
    }
    request = Request(method="GET", query=query, now=1409659589)
    assert wecom.receive(request, WECOM_SECRETS, None).reply.body == b"1616140317555161061"


def test_wecoms_example_of_a_message_is_read() -> None:
    query = {
        "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
        "timestamp": "1409659813",
        "nonce": "1372623149",
    }
    body = (
        "<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName><Encrypt><![CDATA["
        f"{WECOM_MESSAGE}]]></Encrypt><AgentID><![CDATA[218]]></AgentID></xml>"
    )
    request = Request(query=query, body=body.encode(), now=1409659813)
    (draft,) = wecom.receive(request, WECOM_SECRETS, None).drafts
    assert draft.id == "4561255354251345929"
    assert (draft.data["group"], draft.data["member"]) == ("app:218", "mycreate")
    assert draft.data["text"] == "hello"
    other_corp = WECOM_SECRETS | {"corp_id": "wx0"}
    with pytest.raises(ForgedError):
        wecom.receive(request, other_corp, None)


def test_dingtalks_example_has_its_signature_and_opens() -> None:
    signature = envelope_signature("123456", "1445827045067", "nEXhMP4r", DINGTALK_MESSAGE)
    assert signature == "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0"
    message, receiver = open_envelope(envelope_key(DINGTALK_KEY), DINGTALK_MESSAGE)
    assert receiver == "suite4xxxxxxxxxxxxxxx"
    assert msgspec.json.decode(message)["EventType"] == "check_create_suite_url"


def test_dingtalks_example_is_answered_with_an_encrypted_success() -> None:
    secrets = {"token": "123456", "aes_key": DINGTALK_KEY, "app_key": "suite4xxxxxxxxxxxxxxx"}
    query = {
        "signature": "5a65ceeef9aab2d149439f82dc191dd6c5cbe2c0",
        "timestamp": "1445827045067",
        "nonce": "nEXhMP4r",
    }
    body = msgspec.json.encode({"encrypt": DINGTALK_MESSAGE})
    request = Request(query=query, body=body, now=1445827045)
    received = PLATFORMS["dingtalk"].receive(request, secrets, None)
    assert (received.drafts, received.ignored) == ([], [])
    answer = msgspec.json.decode(received.reply.body)
    key = envelope_key(DINGTALK_KEY)
    assert open_envelope(key, answer["encrypt"]) == (b"success", "suite4xxxxxxxxxxxxxxx")
    expected = envelope_signature("123456", answer["timeStamp"], answer["nonce"], answer["encrypt"])
    assert answer["msg_signature"] == expected


def test_the_rfcs_example_of_ed25519_is_what_discord_signs_with() -> None:
    """RFC 8032 §7.1, test 2: the message is the letter `r`, which is too odd a time to be now."""
    public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    signature = (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    for given, reason in ((signature, Forged.STALE), (signature[::-1], Forged.WRONG)):
        headers = {"x-signature-ed25519": given, "x-signature-timestamp": "r"}
        with pytest.raises(ForgedError) as forged:
            discord.receive(Request(headers=headers), {"public_key": public}, None)
        assert forged.value.reason is reason
