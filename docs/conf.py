"""The documentation as a site: `sphinx-build -W docs site`, with the extra `docs`."""

import lineage

project = "lineage"
release = lineage.__version__
html_title = f"lineage {release}"
html_theme = "furo"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]

# The pages are read on GitHub too, whose anchors these are.
myst_heading_anchors = 4

# A docstring is read by `help` first, and has its names in one pair of backticks.
default_role = "code"
napoleon_google_docstring = False
napoleon_use_ivar = True
autodoc_inherit_docstrings = False  # networkx has its own reference
autodoc_typehints = "none"  # the docstrings have them in words
