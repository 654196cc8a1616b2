"""Client libraries from headers and user agents."""

from __future__ import annotations

import pytest

from stillwatch.sources.nested.clients import one, sdk, stated

STAINLESS = {"x-stainless-lang": "python", "x-stainless-package-version": "1.99.1"}


@pytest.mark.parametrize(
    ("user_agent", "library"),
    [
        ("OpenAI/Python 1.99.1", "openai-python/1.99.1"),
        ("AsyncAzureOpenAI/Python 1.99.1", "openai-python/1.99.1"),
        ("Anthropic/JS 0.30", "anthropic-js/0.30"),
        ("AsyncAnthropic/Python 0.30.1", "anthropic-python/0.30.1"),
        ("python-httpx/0.28.1", "python-httpx/0.28.1"),
        ("google-genai-sdk/1.2.0 gl-python/3.11", "google-genai-sdk/1.2.0"),
        ("Go-http-client/1.1", "go-http-client/1.1"),
        ("curl/8.7.1", "curl/8.7.1"),
    ],
)
def test_a_user_agent_names_the_library_and_its_version(user_agent, library):
    assert sdk({}, user_agent) == library


@pytest.mark.parametrize(
    "user_agent",
    [None, "", " ", "Mozilla/5.0 (X11)", "my robot", "robot", "OpenAI/Python", "Other/Python 1.2", "a/"],
)
def test_a_browser_or_a_name_without_a_version_tells_no_library(user_agent):
    assert sdk({}, user_agent) is None


def test_headers_tell_the_version_though_the_user_agent_was_changed():
    assert sdk(STAINLESS, "my-robot/7") == "python/1.99.1"
    assert sdk(STAINLESS, None) == "python/1.99.1"


def test_the_library_of_headers_is_that_of_the_same_user_agent():
    assert sdk(STAINLESS, "AsyncOpenAI/Python 1.99.1") == sdk({}, "AsyncOpenAI/Python 1.99.1")


def test_who_publishes_it_is_told_by_the_user_agent_or_the_headers_of_its_api():
    assert sdk(STAINLESS | {"anthropic-version": "2023-06-01"}, "my-robot") == "anthropic-python/1.99.1"


def test_headers_that_came_twice_and_headers_that_are_none_are_read():
    twice = {"x-stainless-lang": ["js", "js"], "x-stainless-package-version": ["4.1.0"]}
    assert sdk(twice, "OpenAI/JS 4.1.0") == "openai-js/4.1.0"
    assert sdk("no headers", "OpenAI/JS 4.1.0") == "openai-js/4.1.0"
    assert (one([]), one(["-"]), one(7)) == (None, None, "7")


@pytest.mark.parametrize("library", ["openai-python/1.99.1", "curl/8.7.1", "1.99.1", "sdk-3"])
def test_headers_that_state_a_library_are_read_as_the_same_library(library):
    assert sdk(stated(library), None) == library
    assert sdk(stated(library), f"{library} (openai)") == library


def test_a_long_name_is_cut():
    assert len(sdk({}, "x" * 200 + "/1") or "") <= 64
    assert len(sdk({"x-stainless-package-version": "1" * 200}, None) or "") <= 64
