"""A small catalog for selections, with a name for each trouble.

::

    a ──► b ──► c ──► m        a.y ──md5──► b.y      z ⇄ w      e
    └───► d ────┘              a.x ──► b.x ──► c.x ──► m.f

The edge from d to c has no mappings. Of the table `h` only the name is known, and it feeds
`g table`, whose name has a space; `dots.in` and `and` are named so.
"""

from dataclasses import replace

from lineage.graph.lineage_graph import LineageGraph
from lineage.model.entities import Entity, Tag
from lineage.model.reference import Reference
from tests.builders import edge, graph_of, model, table

__all__ = ["alphabet"]


def alphabet() -> LineageGraph:
    bob, sales = Reference("user", '"bob.b"'), Reference("domain", "sales.web")
    data = Reference("team", "data")
    pii, address = Tag(fqn="PII.Sensitive"), table("a", "x y:PII.Sensitive n")
    nested = replace(address.columns[2], children=(replace(address.columns[0], fqn="a.n.k"),))
    columns = (*address.columns[:2], replace(nested, tags=(Tag(fqn="PersonalData.Personal"),)))
    suggested = Tag(fqn="PII.None", state="Suggested")
    return graph_of(
        replace(
            address,
            columns=columns,
            owners=(bob,),
            service="pg",
            tags=(Tag(fqn="Tier.Tier1"),),
            domains=(sales,),
        ),
        Entity(reference=sales),
        replace(table("b", "x y"), owners=(data,), service="pg"),
        replace(table("c", "x"), tags=(pii, Tag(fqn="Tier.Tier2")), certification="Cert.Gold"),
        table("d", "x", deleted=True),
        replace(table("e", "x"), tags=(suggested,)),
        table("g table", "x"),
        replace(table("x", "v"), reference=Reference("table", 'svc."dots.in"'), columns=()),
        Entity(reference=Reference("table", "and")),
        Entity(reference=Reference("dashboard", "svc.board"), owners=(data,)),
        table("z"), table("w"),
        replace(model("m", f="c.x"), owners=(bob,)),
        edge("a>b", "x>x", "y>y:md5(y)", recorded_as="QueryLineage"),
        edge("a>d", "x>x", recorded_as="DbtLineage"),
        edge("b>c", "x>x"),
        edge("d>c", recorded_as=None),
        edge("z>w"), edge("w>z"),
        edge("h>g table"),
    )  # fmt: skip
