"""How the page looks: on a screen, on paper, and in the colours of the pictures."""

from lineage.views.picture.palette import EVIDENCE, INK, PAPER, QUIET, RULE, SENSITIVE, tint

__all__ = ["STYLE"]

_SURE = "#0B6E5B"
_MASKED = "#8A5A00"
_UNSURE = "#4A5563"

_MARKS = (
    ("reaches", SENSITIVE),
    ("reaches-masked", _MASKED),
    ("reaches-by-influence", EVIDENCE),
    ("reaches-by-table", EVIDENCE),
    ("declared-proxy", EVIDENCE),
    ("no-path", _SURE),
    ("unknown", _UNSURE),
    ("shown", _SURE),
    ("shown-in-part", _MASKED),
    ("not-shown", _UNSURE),
)

_MARK_RULES = "".join(
    f".{name}{{color:{colour};background:{tint(colour)};border-color:{tint(colour, 0.45)}}}"
    for name, colour in _MARKS
)

STYLE = f"""
:root{{color-scheme:light;--ink:{INK};--quiet:{QUIET};--rule:{RULE};--paper:{PAPER}}}
*{{box-sizing:border-box}}
html{{scroll-behavior:smooth}}
body{{margin:0 auto;max-width:76rem;padding:3rem 2rem 6rem;background:var(--paper);
color:var(--ink);font:1rem/1.55 "Segoe UI",system-ui,-apple-system,"Helvetica Neue",sans-serif}}
header{{border-bottom:2px solid var(--ink);padding-bottom:1.5rem}}
.kicker{{margin:0;color:var(--quiet);letter-spacing:.06em;text-transform:uppercase;
font-size:.78rem}}
h1{{margin:.2rem 0 .6rem;font-size:2.4rem;line-height:1.15;overflow-wrap:anywhere}}
.lead{{margin:0 0 1.4rem;font-size:1.15rem;overflow-wrap:anywhere}}
dl{{display:grid;grid-template-columns:repeat(auto-fill,minmax(17rem,1fr));gap:.6rem 2rem;margin:0}}
dt{{color:var(--quiet);font-size:.78rem}}
dd{{margin:0;overflow-wrap:anywhere}}
nav{{margin:1.5rem 0 0;font-size:.9rem}}
nav ol{{columns:3 16rem;margin:0;padding-left:1.4rem}}
nav a{{overflow-wrap:anywhere}}
a{{color:inherit;text-decoration-color:{tint(INK, 0.45)};text-underline-offset:.18em}}
section{{margin-top:3rem}}
h2{{margin:0 0 .6rem;font-size:1.35rem;line-height:1.25;overflow-wrap:anywhere}}
h3{{margin:0 0 .5rem;font-size:1.1rem;line-height:1.3;overflow-wrap:anywhere}}
p{{margin:.4rem 0;max-width:52rem;overflow-wrap:anywhere}}
ul{{margin:.4rem 0;padding-left:1.3rem;max-width:60rem;overflow-wrap:anywhere}}
.table{{overflow-x:auto;margin:1rem 0}}
table{{border-collapse:collapse;width:100%;font-size:.88rem}}
th{{text-align:left;font-weight:600;color:var(--quiet);border-bottom:1px solid var(--ink);
padding:.35rem .8rem .35rem 0;white-space:nowrap}}
td{{vertical-align:top;border-bottom:1px solid var(--rule);padding:.45rem .8rem .45rem 0;
overflow-wrap:anywhere;min-width:3rem}}
td:last-child a{{white-space:nowrap}}
code{{font:.92em/1.4 ui-monospace,"SF Mono",Menlo,Consolas,monospace;overflow-wrap:anywhere;
white-space:pre-wrap}}
figure{{margin:1.2rem 0;padding:1rem;border:1px solid var(--rule);border-radius:.5rem;
overflow-x:auto}}
figure img{{display:block;max-width:100%;height:auto;margin:0 auto}}
figcaption{{margin-top:.6rem;color:var(--quiet);font-size:.85rem;overflow-wrap:anywhere}}
.long{{max-height:42rem;overflow-y:auto;border-bottom:1px solid var(--rule)}}
.long thead{{position:sticky;top:0;background:var(--paper)}}
.mark{{display:inline-block;padding:.05rem .55rem;border:1px solid;border-radius:1rem;
font-size:.85em;font-weight:600;white-space:nowrap}}
{_MARK_RULES}
:target{{background:{tint(EVIDENCE, 0.14)}}}
@page{{size:A4 landscape;margin:14mm}}
@media print{{body{{padding:0;max-width:none;font-size:.8rem}}nav{{display:none}}
section{{margin-top:2rem;break-inside:auto}}h2,h3{{break-after:avoid}}
tr,figure{{break-inside:avoid}}.long{{max-height:none;overflow:visible}}
.long thead{{position:static}}figure img{{max-height:14cm;width:auto}}}}
"""
"""The style sheet of the page."""
