"""Sphinx's settings for the documentation site; ``make docs`` builds it from what is staged."""

project = "docsearch"
author = "the docsearch developers"
project_copyright = "docsearch developers, MIT licence"

extensions = ["myst_parser"]
root_doc = "index"
source_suffix = {".md": "markdown"}
# Files that pages link to, kept as files: a README of a corpus is no page of this site.
exclude_patterns = ["files/**", "_static/**"]
nitpicky = True
keep_warnings = False

# Anchors as a code host makes them, so that a link works there and here.
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["misc.highlighting_failure"]  # a console's output is no program
highlight_language = "none"

html_theme = "furo"
html_title = "docsearch"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_theme_options = {"top_of_page_buttons": []}
smartquotes = False  # a quotation mark in a command stays what it is
# The same pages give the same bytes: nothing of the day is in them.
html_last_updated_fmt = None
