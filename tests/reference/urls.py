"""URLs: parameters (S-9), pages (S-11), click identifiers (S-7), keywords (S-5), channel (S-8)."""

from collections.abc import Collection, Mapping
from urllib.parse import unquote

from .values import BLANKS, words

UTM_NAMES = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")

NETWORK_SOURCES = words(
    "facebook fb instagram ig linkedin twitter x youtube tiktok pinterest reddit whatsapp xing "
    "snapchat threads"
)
NETWORK_HOSTS = words(
    "facebook.com fb.com fb.me instagram.com linkedin.com lnkd.in twitter.com x.com t.co "
    "youtube.com youtu.be tiktok.com pinterest.com reddit.com whatsapp.com wa.me xing.com "
    "snapchat.com threads.net threads.com"
)
WEB_MAIL_HOSTS = words(
    "mail.google.com outlook.live.com outlook.office.com mail.yahoo.com mail.proton.me"
)
# host (a final * stands for one or two labels): its search parameter
SEARCH_ENGINES = {
    "google.*": "q",
    "bing.com": "q",
    "duckduckgo.com": "q",
    "ecosia.org": "q",
    "ask.com": "q",
    "search.yahoo.com": "p",
    "baidu.com": "wd",
    "yandex.*": "text",
    "search.naver.com": "query",
}
CLICK_IDENTIFIERS = words(
    "hsctatracking hsctaattrib gclid gbraid wbraid dclid msclkid li_fat_id ttclid"
)
QR_VALUES = ("qr", "qr_code", "qr-code", "qrcode")


def fold(text: str) -> str:
    """Trimmed and lower-cased, as S-9 compares values."""
    return text.strip(BLANKS).lower()


def decoded(value: str) -> str:
    """S-9: a value with plus signs and percent escapes decoded; escapes that are no UTF-8 stay."""
    with_blanks = value.replace("+", " ")
    try:
        return unquote(with_blanks, errors="strict")
    except UnicodeDecodeError:
        return with_blanks


def url_params(url: str | None) -> dict[str, str]:
    """S-9: the parameters of a URL's query that have a value, by lower-case name.

    Of a repeated parameter the first occurrence decides, even an empty one.
    """
    if not url or "?" not in url.split("#", 1)[0]:
        return {}
    query = url.split("#", 1)[0].split("?", 1)[1]
    first: dict[str, str] = {}
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            first.setdefault(name.lower(), fold(decoded(value)))
    return {name: value for name, value in first.items() if value and name}


def _split(url: str) -> tuple[str, str]:
    """(authority, path) of a URL without scheme, query and fragment."""
    rest = url.split("#", 1)[0].split("?", 1)[0]
    scheme, separator, after = rest.partition("://")
    if separator and "/" not in scheme:
        rest = after
    elif rest.startswith("//"):
        rest = rest[2:]
    authority, slash, path = rest.partition("/")
    return authority, slash + path


def host_of(url: str | None) -> str | None:
    """Host of a URL in lower case, without user, port and a leading ``www.``; None if none."""
    if not url:
        return None
    authority, _ = _split(url.strip(BLANKS))
    host = authority.rpartition("@")[2].lower()
    host = host.partition(":")[0] if not host.startswith("[") else host.partition("]")[0] + "]"
    return host.removeprefix("www.") or None


def page_key(url: str | None) -> str | None:
    """S-11: a URL with scheme, ``www.``, query, fragment, letter case of the host and a trailing
    slash set aside; None where nothing is left."""
    if not url:
        return None
    authority, path = _split(url.strip(BLANKS))
    return authority.lower().removeprefix("www.") + path.removesuffix("/") or None


def host_is(host: str | None, listed: str) -> bool:
    """Whether a host is a listed one or a subdomain of it; a final ``*`` is one or two labels."""
    if not host:
        return False
    if not listed.endswith(".*"):
        return host == listed or host.endswith("." + listed)
    labels = host.split(".")
    name = listed.removesuffix(".*")
    return any(
        len(labels) > rest and labels[-rest - 1] == name and all(labels[-rest:]) for rest in (1, 2)
    )


def search_engine(host: str | None) -> str | None:
    """The listed search engine that a host is; a web-mail host is none (S-8)."""
    if any(host_is(host, mail) for mail in WEB_MAIL_HOSTS):
        return None
    for listed in SEARCH_ENGINES:
        if host_is(host, listed):
            return listed
    return None


def referral_keyword(referrer: str | None, params: Mapping[str, str]) -> str | None:
    """S-5: the search parameter of a search-engine referrer, else the page view's utm_term."""
    engine = search_engine(host_of(referrer))
    if engine is not None:
        searched = url_params(referrer).get(SEARCH_ENGINES[engine])
        if searched:
            return searched
    return params.get("utm_term")


def has_click_identifier(params: Mapping[str, str], workflow_emails: Collection[str]) -> bool:
    """S-7: whether a URL carries a click identifier of a workflow, a CTA or an ad.

    Args:
        params: the URL's parameters (S-9).
        workflow_emails: folded asset ids of the emails sent by a workflow.
    """
    if params.get("utm_source") == "hs_automation" or params.get("_hsmi") in workflow_emails:
        return True
    return any(name in CLICK_IDENTIFIERS or name.startswith("hsa_") for name in params)


def entry_channel(url: str | None, referrer: str | None) -> str:
    """S-8: the first row that matches of the channel table."""
    params = url_params(url)
    source = params.get("utm_source", "")
    medium = params.get("utm_medium", "")
    campaign = params.get("utm_campaign", "")
    host = host_of(referrer)

    referrer_is_network = any(host_is(host, listed) for listed in NETWORK_HOSTS)
    is_network = source in NETWORK_SOURCES or referrer_is_network

    def contains(texts: tuple[str, ...], parts: tuple[str, ...]) -> bool:
        return any(part in text for text in texts for part in parts)

    if medium == "social" and is_network:
        return "organic_social"
    if (
        (contains((medium,), ("paid", "ppc", "cpc")) and is_network)
        or contains((source, medium), ("paidsocial", "paid_social", "paid-social"))
        or "li_fat_id" in params
        or "ttclid" in params
    ):
        return "paid_social"
    if any(name in params for name in ("gclid", "gbraid", "wbraid", "msclkid")):
        return "paid_search"
    if contains((source, medium, campaign), ("adword", "ppc", "cpc")):
        return "paid_search"
    if contains((source, medium, campaign), ("email",)) or "_hsmi" in params or "_hsenc" in params:
        return "email"
    if medium in QR_VALUES or source in QR_VALUES:
        return "qr_code"
    if medium in ("affiliate", "influencer"):
        return "affiliate"
    if any(name.startswith("utm_") for name in params):
        return "other_campaign"
    if not referrer:
        return "direct"
    if host is not None and host == host_of(url):
        return "direct"
    if any(host_is(host, mail) for mail in WEB_MAIL_HOSTS):
        return "direct"
    if referrer_is_network:
        return "organic_social"
    if search_engine(host) is not None:
        return "organic_search"
    return "referral"
