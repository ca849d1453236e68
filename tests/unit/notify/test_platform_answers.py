"""Each connector understands what its platform answers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.attempts import Result, Verdict
from services.notify.connectors.registry import BY_TYPE
from services.notify.endpoints import EndpointType
from tests.unit.notify.calling import (
    PLATFORMS,
    ROBOTS,
    verdict,
)

T, S, D = EndpointType.TELEGRAM, EndpointType.SLACK, EndpointType.DISCORD
F, W, G = ROBOTS


@pytest.mark.parametrize(
    ("platform", "status", "body", "meaning"),
    [
        (T, 200, '{"ok":true,"result":{}}', Verdict.SUCCEEDED),
        (T, 400, '{"description":"Bad Request: message to delete not found"}', Verdict.SUCCEEDED),
        (T, 400, '{"description":"Bad Request: not enough rights"}', Verdict.DEAD),
        (T, 403, '{"description":"Forbidden: bot was blocked by the user"}', Verdict.DEAD),
        (T, 401, '{"description":"Unauthorized"}', Verdict.GONE),
        (T, 502, "<html>", Verdict.RETRY),
        (S, 200, '{"ok":true}', Verdict.SUCCEEDED),
        (S, 200, '{"ok":false,"error":"message_not_found"}', Verdict.SUCCEEDED),
        (S, 200, '{"ok":false,"error":"cant_delete_message"}', Verdict.DEAD),
        (S, 200, '{"ok":false,"error":"token_revoked"}', Verdict.GONE),
        (S, 200, '{"ok":false,"error":"internal_error"}', Verdict.RETRY),
        (S, 200, "not json", Verdict.RETRY),
        (D, 204, "", Verdict.SUCCEEDED),
        (D, 404, '{"message":"Unknown Message","code":10008}', Verdict.SUCCEEDED),
        (D, 403, '{"message":"Missing Permissions","code":50013}', Verdict.DEAD),
        (D, 401, '{"message":"401: Unauthorized","code":0}', Verdict.GONE),
        (F, 200, '{"code":0,"msg":"success"}', Verdict.SUCCEEDED),
        (F, 200, '{"StatusCode":0,"StatusMessage":"success"}', Verdict.SUCCEEDED),
        (F, 200, '{"code":19021,"msg":"sign match fail"}', Verdict.DEAD),
        (F, 200, '{"code":19024,"msg":"Key Words Not Found"}', Verdict.DEAD),
        (F, 200, '{"code":19001,"msg":"token invalid"}', Verdict.GONE),
        (W, 200, '{"errcode":0,"errmsg":"ok"}', Verdict.SUCCEEDED),
        (W, 200, '{"errcode":93000,"errmsg":"invalid webhook url"}', Verdict.GONE),
        (W, 200, '{"errcode":40058,"errmsg":"invalid parameter"}', Verdict.DEAD),
        (W, 200, '{"errcode":-1,"errmsg":"system busy"}', Verdict.RETRY),
        (G, 200, '{"errcode":0,"errmsg":"ok"}', Verdict.SUCCEEDED),
        (G, 200, '{"errcode":300005,"errmsg":"token is not exist"}', Verdict.GONE),
        (G, 200, '{"errcode":310000,"errmsg":"sign not match"}', Verdict.DEAD),
    ],
)
def test_what_answers_mean(
    platform: EndpointType, status: int, body: str, meaning: Verdict
) -> None:
    assert verdict(platform, status, body) is meaning


@pytest.mark.parametrize(
    ("platform", "status", "body", "header", "seconds"),
    [
        (T, 429, '{"ok":false,"parameters":{"retry_after":34}}', "", "34"),
        (S, 429, "", "30", "30"),
        (S, 200, '{"ok":false,"error":"ratelimited"}', "7", "7"),
        (D, 429, '{"retry_after":1.336,"global":false}', "2", "2"),
        (F, 200, '{"code":11232,"msg":"frequency limited"}', "", "60"),
        (F, 200, '{"code":9499,"msg":"too many request"}', "", "60"),
        (W, 200, '{"errcode":45009,"errmsg":"api freq out of limit"}', "", "60"),
        (G, 200, '{"errcode":130101,"errmsg":"send too fast"}', "", "600"),
        (G, 200, '{"errcode":660026,"errmsg":"too fast"}', "", "60"),
    ],
)
def test_who_is_too_fast_waits_as_long_as_the_platform_says(
    platform: EndpointType, status: int, body: str, header: str, seconds: str
) -> None:
    answer = Result(milliseconds=1, status=status, body=body, retry_after=header)
    meant = BY_TYPE[platform].result(answer)
    assert (meant.status, meant.retry_after) == (429, seconds)


hostile = st.one_of(
    st.text(max_size=50),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["ok", "code", "errcode", "error", "parameters", "retry_after", "msg", "x"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=6,
    ).map(json.dumps),
)


@given(st.sampled_from(PLATFORMS), st.integers(100, 599), hostile)
def test_no_answer_breaks_a_connector(platform: EndpointType, status: int, body: str) -> None:
    answer = Result(milliseconds=1, status=status, body=body)
    assert BY_TYPE[platform].result(answer).verdict in set(Verdict)
