"""What the report says beside its figures: how to run it, what is compared, what each row is."""

__all__ = ["HOW_TO_RUN", "NOTES", "ROWS"]

HOW_TO_RUN = """\
`python -m benchmarks` measures all of this and prints it; `--output docs` writes this page and
its plot. `--sizes 10000 100000 1000000 10000000` names the sizes, `--engines 10000000` adds DuckDB
on an edge table, `--copies 5` the same on five of them side by side, and `--rounds 1` is for a
hurry. The extra `bench` brings igraph, rustworkx and scipy. Each size is measured in a process of
its own, on arrays that another one has made from a seed; at ten million nodes without peers. All
four take a quarter of an hour, the engines half as long.
"""

NOTES = (
    "bars, sizes and objects: processor time, which other work distorts; trust the ratios",
    "an edge is a hop, or a part's place in what holds it; no peer knows strengths",
    "walks of 20 models are scaled up to all of them, traces and changes down to one",
    "networkx: nodes by name, a dictionary for each edge, all that is meant by containment",
    "it is a `DiGraph`, leaner than the `MultiDiGraph` of `to_networkx`; bars are beside this one",
    "`of numbers`: bare numbers, no more arcs than the index keeps; so have it the libraries",
    "nodes reached and tags found by the sampled models are compared with those of networkx",
    "what a changed edge adds is compared as well, in every round",
    "of diffs the counts are compared with those of sets; networkx graphs are compared whole",
    "`json.loads` of a snapshot validates its edges alone; it is asked for less",
    "peak: what the process takes that audits arrays, from loading them to the findings",
    "the embedded catalog serves from a process of its own, over HTTP on loopback",
)

ROWS = (
    ("compile from arrays", "arcs both ways from numbered hops and parts"),
    ("put in order", "the order in which an audit fills nodes, cycles found; kept for all audits"),
    ("audit", "8 tags carried to all models with their strengths, one shortest path a finding"),
    ("screen", "which tags come to which models, without paths"),
    ("gaps", "what 8 gaps at chosen places may hide from all models; an audit tells them too"),
    ("floor", "reading all hops once in memory: nothing that looks at each can be faster"),
    ("trace, the first", "all that one model comes from, before marks are laid out"),
    ("traces", "the same again; `deep` stops after so many hops"),
    ("walks", "what a user would write: one walk back a model, the nearest path from each tag"),
    ("walks of igraph, rustworkx, scipy", "one walk a model, without tags and paths"),
    ("searches, scipy", "one search for each tag, from all its columns; no paths, no strengths"),
    ("codes; diff, codes kept", "one hop in a hundred leads elsewhere; from scratch is both"),
    ("changed", "an edge into what a model comes from, a trace, the edge out, a trace"),
    ("compile from graph", "the index of a graph; once more where rules of masking were asked"),
    ("to_networkx", "beside the same nodes and edges, ready as dictionaries, in `add_edges_from`"),
    ("parse pages", "answers of a server to models, as the peer; and on to values"),
    ("reading SQL", "statements of ten columns through a cache that is new; again from its file"),
    ("questions, first", "asked of a new graph, which compiles its index; an audit too"),
    (
        "questions, networkx",
        "`ancestors`, or one walk a model: no strengths, masking or gaps asked",
    ),
)
