from __future__ import annotations

import pytest

from tests.reference.urls import (
    entry_channel,
    has_click_identifier,
    host_is,
    host_of,
    page_key,
    referral_keyword,
    url_params,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (None, {}),
        ("https://a.example/p", {}),
        ("https://a.example/p?UTM_Campaign=Spring+Sale", {"utm_campaign": "spring sale"}),
        ("https://a.example/?utm_campaign=%20B%C3%9Ccher%2B%20", {"utm_campaign": "bücher+"}),
        ("https://a.example/?utm_campaign=&utm_campaign=x", {}),
        ("https://a.example/?utm_campaign&utm_campaign=x", {}),
        ("https://a.example/?utm_campaign=+%20&utm_term=t", {"utm_term": "t"}),
        ("https://a.example/?a=1&A=2", {"a": "1"}),
        ("https://a.example/?a=b=c&&d=e?f", {"a": "b=c", "d": "e?f"}),
        ("https://a.example/#x?utm_campaign=y", {}),
        ("https://a.example/?a=1#?b=2", {"a": "1"}),
        ("/relative?utm_source=s", {"utm_source": "s"}),
    ],
)
def test_s9_parameters_are_decoded_folded_and_first_come(
    url: str | None, expected: dict[str, str]
) -> None:
    assert url_params(url) == expected


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Shop.example/Path/?a=b#c", "shop.example/Path"),
        ("http://shop.example/Path", "shop.example/Path"),
        ("shop.example/Path/", "shop.example/Path"),
        ("//WWW.shop.example", "shop.example"),
        ("https://shop.example/", "shop.example"),
        ("https://shop.example/path", "shop.example/path"),
        ("https://shop.example:8080/", "shop.example:8080"),
        ("", None),
        ("https://", None),
    ],
)
def test_s11_a_page_is_its_host_and_path(url: str, key: str | None) -> None:
    assert page_key(url) == key


def test_hosts_lose_user_port_and_www() -> None:
    assert host_of("https://user@WWW.Google.co.uk:443/search?q=x") == "google.co.uk"
    assert host_of("google.com/search") == "google.com"
    assert host_of("/only/a/path") is None
    assert host_of(None) is None


@pytest.mark.parametrize(
    ("host", "listed", "expected"),
    [
        ("google.com", "google.*", True),
        ("google.co.uk", "google.*", True),
        ("images.google.de", "google.*", True),
        ("google.a.b.c", "google.*", False),
        ("notgoogle.com", "google.*", False),
        ("google", "google.*", False),
        ("m.facebook.com", "facebook.com", True),
        ("notfacebook.com", "facebook.com", False),
        (None, "facebook.com", False),
    ],
)
def test_s8_listed_hosts_include_their_subdomains(
    host: str | None, listed: str, expected: bool
) -> None:
    assert host_is(host, listed) is expected


@pytest.mark.parametrize(
    ("url", "referrer", "keyword"),
    [
        ("https://a.example/", "https://www.google.de/search?q=Best+CRM+", "best crm"),
        ("https://a.example/?utm_term=T", "https://www.google.de/", "t"),
        ("https://a.example/?utm_term=T", "https://uk.search.yahoo.com/s?p=P&q=Q", "p"),
        ("https://a.example/?utm_term=T", "https://mail.google.com/?q=Q", "t"),
        ("https://a.example/", "https://other.example/?q=Q", None),
        ("https://a.example/", None, None),
    ],
)
def test_s5_the_keyword_is_the_search_parameter_else_the_utm_term(
    url: str, referrer: str | None, keyword: str | None
) -> None:
    assert referral_keyword(referrer, url_params(url)) == keyword


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("gclid=1", True),
        ("GCLID=1", True),
        ("gclid=", False),
        ("hsCtaTracking=x", True),
        ("hsa_cam=1", True),
        ("utm_source=HS_Automation", True),
        ("_hsmi=MAIL-1", True),
        ("_hsmi=mail-2", False),
        ("_hsenc=x", False),
    ],
)
def test_s7_click_identifiers(query: str, expected: bool) -> None:
    params = url_params(f"https://a.example/?{query}")
    assert has_click_identifier(params, {"mail-1"}) is expected


@pytest.mark.parametrize(
    ("query", "referrer", "channel"),
    [
        ("utm_medium=social&utm_source=FB", None, "organic_social"),
        ("utm_medium=social", "https://t.co/x", "organic_social"),
        ("utm_medium=social&utm_source=news", None, "other_campaign"),
        ("utm_medium=cpc&utm_source=linkedin", None, "paid_social"),
        ("utm_medium=cpc&utm_source=google", None, "paid_search"),
        ("utm_source=my-paid_social-ads", None, "paid_social"),
        ("ttclid=1&gclid=1", None, "paid_social"),
        ("msclkid=1", None, "paid_search"),
        ("dclid=1", None, "direct"),
        ("utm_campaign=ppc-brand", None, "paid_search"),
        ("utm_campaign=email-may", None, "email"),
        ("_hsenc=1", None, "email"),
        ("utm_medium=QR-Code", None, "qr_code"),
        ("utm_medium=qr-codes", None, "other_campaign"),
        ("utm_medium=influencer", None, "affiliate"),
        ("utm_id=7", None, "other_campaign"),
        ("", None, "direct"),
        ("", "https://www.a.example/other", "direct"),
        ("", "https://blog.a.example/", "referral"),
        ("", "https://mail.google.com/mail", "direct"),
        ("", "https://l.instagram.com/", "organic_social"),
        ("", "https://www.google.co.uk/", "organic_search"),
        ("", "https://news.example/", "referral"),
    ],
)
def test_s8_the_first_row_that_matches_is_the_channel(
    query: str, referrer: str | None, channel: str
) -> None:
    assert entry_channel(f"https://a.example/?{query}", referrer) == channel
