"""URLs and referrers in all the spellings that the rules S-3..S-11 tell apart."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

from tests.scenarios.world import World

# Names with a value that mark a session as that of a workflow, a CTA or an ad (S-7).
CLICK_IDENTIFIERS = (
    ("utm_source", "hs_automation"),
    ("hsCtaTracking", "c0ffee"),
    ("hsCtaAttrib", "c0ffee"),
    ("gclid", "Cj0"),
    ("gbraid", "0AAA"),
    ("wbraid", "Clk"),
    ("dclid", "CK3"),
    ("msclkid", "5f0"),
    ("li_fat_id", "a1b2"),
    ("ttclid", "E.C"),
    ("hsa_cam", "771"),
    ("hsa_x", "1"),
)

# Near misses: no value, no value at all, a name that only begins alike, a value of another name.
_CLICK_NEAR_MISSES = (
    ("gclid", ""),
    ("gclid", None),
    ("gclidx", "1"),
    ("xhsa_cam", "1"),
    ("hsa", "1"),
    ("utm_source", "hs_automation2"),
    ("utm_medium", "hs_automation"),
    ("fbclid", "IwAR"),
)

NETWORK_SOURCES = (
    "facebook",
    "fb",
    "instagram",
    "ig",
    "linkedin",
    "twitter",
    "x",
    "youtube",
    "tiktok",
    "pinterest",
    "reddit",
    "whatsapp",
    "xing",
    "snapchat",
    "threads",
)

NETWORK_HOSTS = (
    "facebook.com",
    "fb.com",
    "fb.me",
    "instagram.com",
    "linkedin.com",
    "lnkd.in",
    "twitter.com",
    "x.com",
    "t.co",
    "youtube.com",
    "youtu.be",
    "tiktok.com",
    "pinterest.com",
    "reddit.com",
    "whatsapp.com",
    "wa.me",
    "xing.com",
    "snapchat.com",
    "threads.net",
    "threads.com",
)

WEB_MAIL_HOSTS = (
    "mail.google.com",
    "outlook.live.com",
    "outlook.office.com",
    "mail.yahoo.com",
    "mail.proton.me",
)

# (host, search parameter) of every engine, subdomains and country domains among them.
ENGINES = (
    ("google.com", "q"),
    ("www.google.com", "q"),
    ("google.co.uk", "q"),
    ("google.de", "q"),
    ("news.google.com", "q"),
    ("bing.com", "q"),
    ("www.bing.com", "q"),
    ("duckduckgo.com", "q"),
    ("ecosia.org", "q"),
    ("ask.com", "q"),
    ("search.yahoo.com", "p"),
    ("uk.search.yahoo.com", "p"),
    ("baidu.com", "wd"),
    ("yandex.ru", "text"),
    ("yandex.com.tr", "text"),
    ("search.naver.com", "query"),
)

# Hosts that only look like a network, an engine or web mail.
NEAR_MISS_HOSTS = (
    "notfacebook.com",
    "netflix.com",
    "mask.com",
    "mygoogle.com",
    "google.a.b.com",
    "google",
    "yahoo.com",
    "search.yahoo.co.jp",
    "naver.com",
    "bing.co",
    "yandex.a.b.c",
    "mail.google.co.uk",
    "m.mail.google.com",
    "facebook.com.attacker.example",
    "com.google.android.gm",
    "office.com",
    "partner.example",
)

# Parameters that bring a row of the channel table, or nearly do.
CHANNEL_PARAMETERS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("utm_medium", "social"), ("utm_source", "LinkedIn")),
    (("utm_medium", "Social"),),
    (("utm_medium", "social"), ("utm_source", "linkedin.com")),
    (("utm_medium", "social-media"), ("utm_source", "facebook")),
    (("utm_medium", "Paid"), ("utm_source", "fb")),
    (("utm_medium", "xppcx"), ("utm_source", "ig")),
    (("utm_medium", "cpc"), ("utm_source", "twitter")),
    (("utm_medium", "cpc"), ("utm_source", "google")),
    (("utm_medium", "paid"),),
    (("utm_source", "my-PaidSocial-x"),),
    (("utm_medium", "paid_social"),),
    (("utm_medium", "paid-social"),),
    (("utm_medium", "paid social"),),
    (("li_fat_id", "a1"),),
    (("ttclid", "E1"),),
    (("gclid", "C1"),),
    (("gbraid", "0A"),),
    (("wbraid", "Cl"),),
    (("msclkid", "5f"),),
    (("dclid", "CK"),),
    (("utm_source", "Google-AdWords"),),
    (("utm_medium", "ppc"),),
    (("utm_source", "newsletter"), ("utm_medium", "Email")),
    (("utm_source", "email"),),
    (("utm_medium", "e-mail"),),
    (("_hsmi", "1"),),
    (("_hsenc", "p2A"),),
    (("utm_medium", "qr"),),
    (("utm_source", "QR_Code"),),
    (("utm_medium", "qr-code"),),
    (("utm_source", "qrcode"),),
    (("utm_medium", "qr codes"),),
    (("utm_medium", "affiliate"),),
    (("utm_medium", "Influencer"),),
    (("utm_medium", "affiliates"),),
    (("utm_content", "hero"),),
    (("utm_term", "x"),),
    (("utm_id", "77"),),
    (("utm_source", ""),),
    (("ref", "abc"),),
)

_INVALID_ESCAPES = ("%", "%z", "%zz", "%e", "%ff")


def spell_value(world: World, text: str) -> str:
    """A parameter's value: some letter case, blanks around it, some percent- or plus-encoding."""
    case = world.pick(("as is", "as is", "upper", "title"))
    if case == "upper":
        text = text.upper()
    elif case == "title":
        text = text.title()
    if world.chance(0.15):
        text = f" {text} "
    way = world.pick(("percent", "plus", "every letter"))
    if way == "percent":
        return quote(text, safe="")
    if way == "plus":
        return quote_plus(text)
    # Lower-case hex digits and needless escapes are valid as well.
    return "".join(
        f"%{byte:02x}" if world.chance(0.3) or byte > 126 or chr(byte) in " %&#+=?" else chr(byte)
        for byte in text.encode()
    )


def spell_name(world: World, name: str) -> str:
    """A parameter's name in some letter case."""
    return world.pick((name, name, name, name.upper(), name.title()))


def parameter(world: World, name: str, value: str | None) -> str:
    """One `name=value` piece; without `=` where the value is None."""
    if value is None:
        return spell_name(world, name)
    return f"{spell_name(world, name)}={value}"


def campaign_parameters(world: World) -> list[str]:
    """Pieces that carry (or only seem to carry) the utm value of a campaign."""
    value = world.pick(world.utm_values)
    good = parameter(world, "utm_campaign", spell_value(world, value))
    other = parameter(world, "utm_campaign", f"{world.prefix}-unheard-of")
    shape = world.rng.choices(
        ("once", "first", "second", "first empty", "no equals sign", "blank", "invalid", "prefix"),
        (12, 2, 2, 2, 2, 1, 1, 1),
    )[0]
    if shape == "first":
        return [good, other]
    if shape == "second":
        return [other, good]
    if shape == "first empty":
        return [parameter(world, "utm_campaign", ""), good]
    if shape == "no equals sign":
        return [parameter(world, "utm_campaign", None), good]
    if shape == "blank":
        return [parameter(world, "utm_campaign", world.pick(("+", "%20")))]
    if shape == "invalid":
        return [parameter(world, "utm_campaign", quote(value) + world.pick(_INVALID_ESCAPES))]
    if shape == "prefix":
        return [parameter(world, "utm_campaign", spell_value(world, value + "2"))]
    return [good]


def click_parameters(world: World) -> list[str]:
    """A click identifier of S-7, or a near miss of one."""
    if world.chance(0.25):
        name, value = world.pick(_CLICK_NEAR_MISSES)
        return [parameter(world, name, value)]
    emails = world.assets_of("marketing_email")
    if emails and world.chance(0.45):
        # It depends on the email's sendings whether this is a workflow's.
        return [parameter(world, "_hsmi", spell_value(world, world.pick(emails)["asset_id"]))]
    name, known = world.pick(CLICK_IDENTIFIERS)
    return [parameter(world, name, spell_value(world, known))]


def query(world: World, campaign: float = 0.4, click: float = 0.12) -> str:
    """A query string, with or without its question mark; often empty.

    `campaign` and `click` are the probabilities of a utm value and of a click identifier.
    """
    pieces: list[str] = []
    if world.chance(campaign):
        pieces += campaign_parameters(world)
    if world.chance(click):
        pieces += click_parameters(world)
    if world.chance(0.3):
        pieces += [parameter(world, name, value) for name, value in world.pick(CHANNEL_PARAMETERS)]
    elif world.chance(0.08):
        pieces.append(parameter(world, "utm_source", world.pick(NETWORK_SOURCES)))
        pieces.append(parameter(world, "utm_medium", world.pick(("social", "ppc", "post"))))
    if world.keywords and world.chance(0.25):
        pieces.append(parameter(world, "utm_term", spell_value(world, world.pick(world.keywords))))
    if not pieces and world.chance(0.7):
        return ""
    if world.chance(0.3):
        pieces.insert(0, "id=7")
    world.rng.shuffle(pieces)
    return "?" + world.pick(("&", "&", "&", "&&")).join(pieces)


def spell_page(world: World, page: str) -> str:
    """The page `host/path` with a scheme, letter case of the host, `www.` and slash at will."""
    host, _, path = page.partition("/")
    host = world.pick((host, host, host.upper(), host.title()))
    www = world.pick(("", "", "www.", "WWW."))
    scheme = world.pick(("https://", "https://", "http://", "HTTPS://"))
    slash = world.pick(("", "", "/"))
    return f"{scheme}{www}{host}/{path}{slash}" if path else f"{scheme}{www}{host}{slash}"


def page_url(world: World, page: str, campaign: float = 0.4, click: float = 0.12) -> str:
    """A URL of a page `host/path`, with parameters and a fragment at will."""
    fragment = ""
    if world.chance(0.15):
        # Parameters behind the "#" are none of the query's.
        fragment = "#top" if world.chance(0.5) else f"#utm_campaign={world.pick(world.utm_values)}"
    return spell_page(world, page) + query(world, campaign, click) + fragment


def page_of(url: str) -> str:
    """`host/path` of a URL of a scenario: what `spell_page` takes."""
    page = url.partition("#")[0].partition("?")[0].partition("://")[2].rstrip("/")
    host, slash, path = page.partition("/")
    return host.lower().removeprefix("www.") + slash + path


def search(world: World, keyword: str) -> str:
    """The referrer of a search for a keyword."""
    host, name = world.pick(ENGINES)
    return f"https://{host}/search?{name}={spell_value(world, keyword)}"


def _keyword_query(world: World, name: str) -> str:
    keyword = world.pick(world.keywords) if world.keywords else f"{world.prefix} nothing"
    if world.chance(0.15):
        keyword += " x"
    value = spell_value(world, keyword)
    shape = world.rng.choices(("once", "first empty", "wrong name", "none"), (12, 1, 1, 1))[0]
    if shape == "first empty":
        return f"?{name}=&{name}={value}"
    if shape == "wrong name":
        return f"?search={value}"
    if shape == "none":
        return ""
    return f"?hl=en&{spell_name(world, name)}={value}"


def referrer(world: World) -> str | None:
    """A referrer of any kind of the channel table, its near misses included; often none."""
    kind = world.rng.choices(
        ("none", "engine", "network", "mail", "own", "own subdomain", "near miss"),
        (6, 7, 3, 2, 2, 1, 3),
    )[0]
    if kind == "none":
        return world.pick((None, None, ""))
    scheme = world.pick(("https://", "http://"))
    if kind == "engine":
        host, name = world.pick(ENGINES)
        return f"{scheme}{world.pick((host, host.upper()))}/search{_keyword_query(world, name)}"
    if kind == "network":
        subdomain = world.pick(("", "www.", "m.", "l."))
        return f"{scheme}{subdomain}{world.pick(NETWORK_HOSTS)}/"
    if kind == "mail":
        # The parameter of an engine on a web-mail host is no search.
        return f"{scheme}{world.pick(WEB_MAIL_HOSTS)}/{_keyword_query(world, 'q')}"
    if kind == "own":
        return spell_page(world, f"{world.host}/elsewhere")
    if kind == "own subdomain":
        return f"{scheme}blog.{world.host}/post"
    return f"{scheme}{world.pick(NEAR_MISS_HOSTS)}/{_keyword_query(world, 'q')}"
