"""What the report says beside its figures: how to run it, what is compared, what each row is."""

__all__ = ["HOW_TO_RUN", "LIMITS", "NOTES", "ROWS"]

HOW_TO_RUN = """\
`python -m benchmarks` measures all of this and prints it; `--output docs` writes this page.
`--sizes domains:100000 layers:100000` names shapes and sizes, `--rounds 1` is for a hurry, and
`--results FOLDER` keeps the figures of each size there and measures only those that are missing.
Each size is measured in a process of its own, on a snapshot that another one has made from a seed.
Only public functions and whole commands are timed, each beside the code that a networkx user would
write for the same answer; the answers are compared.
"""

NOTES = """\
- times of sizes are processor time, which other work distorts; trust the ratios, and of them only
  what their spread allows
- a ratio is taken round by round, in one process, between neighbours in time
- domains: 5,000 nodes each in 8 layers, a table fed by 3, a column by up to 10, few cycles
- layers: 8 of them, a table fed by 1 to 3, a column by one; no domains
- networkx's graph is a lean `DiGraph` of columns with their references as nodes; its audit is asked
  for 200 targets and its walks by tag for 20 models, scaled up to all of them
- networkx is asked for less: it finds what is connected, and no strength, masking or gap
- first: a graph that was never asked; networkx has to make its own graph from the lineage
- peak memory: of a process that reads the snapshot's file, builds the graph and audits it
- the embedded catalog serves from a process of its own, over HTTP on loopback
"""

ROWS = """\
- audit: every sensitive column with every model and feature, by `audit(graph)`; the strengths of
  all findings and all verdicts are looked at, and the paths of the first 100. networkx:
  `ancestors` of each target, intersected with what is sensitive
- audit by tag: `audit(graph, by="tag")`, looked at in the same way. networkx: one walk back from
  each model, on which the nearest path from each tag is found
- count upstream: `len(upstream(graph, model, grain="part"))` of one model. networkx: `ancestors`
- look upstream: every node, hop and fact of the same looked at. networkx: `ancestors`, and
  `subgraph(...).edges(data=True)`
- reading SQL: different statements of ten columns through a new cache, and again from its file
- record a finding: `to_records()` of all findings, without and with their paths, for each
"""

LIMITS = """\
- Where little is upstream of a target, as in layers, `nx.ancestors` is quick.
- By tag the paths of the first 100 findings are two thirds of the time: one walk down from all that
  has a tag, for each of the eight tags. The pass for all tags itself takes a few milliseconds at
  100,000 nodes.
- Of a row with its path, two thirds are finding the path and one third is writing its hops out.
- Counting what is upstream takes about 1 ms however large the catalog is: some 20 rounds of a dozen
  calls of numpy each. networkx takes as long for a few hundred nodes.
- The first question compiles the index, which takes half the time of building the graph or less.
- A million nodes: reading the snapshot peaks at 1.7 GB, and snapshot, graph and index stay below
  2 GB. What reaches what is a bit for each pair and strength, of which there are 2.3 billion pairs:
  1.2 GB. Listing the eight million pairs that are found, to know their strengths in order, takes
  more than that once again for a moment: up to all verdicts it takes 3.3 GB.
- A trace on the demo's snapshot takes what importing numpy, pydantic and the graph takes.
- One trace in a large catalog by the command line is not measured apart: it takes what reading the
  snapshot and building the graph take, since no compiled form of them is kept.
"""
