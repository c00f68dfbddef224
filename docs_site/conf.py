"""How Sphinx makes the site; docs_site/pages.py lays this file beside the pages."""

from typing import Any

from pygments.lexers.special import TextLexer

project = "Campaign Warehouse"
project_copyright = "2026, Campaign Warehouse contributors"
extensions = ["myst_parser"]
root_doc = "index"

myst_heading_anchors = 3
highlight_language = "text"

html_theme = "furo"
html_title = "Campaign Warehouse"
html_show_sphinx = False
# A page that is opened from disk can't fetch others for it.
html_show_search_summary = False
html_copy_source = False
html_show_sourcelink = False
html_extra_path = ["../extra"]


def setup(app: Any) -> None:
    """Have blocks of CSV shown as they are: there is no lexer for them."""
    app.add_lexer("csv", TextLexer)
