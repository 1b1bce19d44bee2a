"""Plain page: an HTML file of text, tables and pictures that needs nothing else, and loads nothing."""

from __future__ import annotations

from html import escape

from wordvec.visualization.picture_files import PAGE_BEGINNING

__all__ = ["plain_page"]

# The policy keeps a browser from loading anything, whatever the names in the page are.
HEAD = """<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ margin: 2em auto; max-width: 60em; padding: 0 1em; background: #fff; color: #222; font: 1em/1.4 sans-serif; }}
svg {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums; }}
caption {{ padding: 0.4em 0; text-align: left; font-weight: bold; }}
th, td {{ border-bottom: 1px solid #ddd; padding: 0.2em 1em; text-align: right; }}
.words {{ text-align: left; }}
</style>
</head>
<body>
"""


def plain_page(body: str, *, title: str) -> bytes:
    """Put a page together, from HTML whose words are escaped already.

    >>> b"<title>Losses &amp; more</title>" in plain_page("<p>nothing</p>", title="Losses & more")
    True
    """
    head = HEAD.format(title=escape(title))
    return f"{PAGE_BEGINNING}{head}{body}</body>\n</html>\n".encode()
