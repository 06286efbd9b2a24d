"""A made-up catalog of any size as arrays: seeded, in layers and domains, with a few cycles.

Of the nodes 78 % are columns, 3 % tables of 10 to 40 columns, 14 % features of 1 to 5 sources,
1 % models of 5 to 199 features, few of them so large; the rest are pipelines and dashboards. There
are 3.8 hops a node, and with the parts' places in what holds them 4.8 edges. A domain
has about 5,000 nodes in 8 layers. A table is fed by 3 tables of the layer above, one in a hundred
of another domain, one such pair in ten without mappings. 2 % of the columns carry one of 8 tags;
5 % of the mappings mask the value, 5 % only influence. Numbers are shuffled, so that no order
helps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CatalogArrays", "make_arrays"]

_TAGS = 8
_DOMAIN, _LAYERS, _FEEDING = 5_000, 8, 3
_BARE_SHARE, _TAGGED_SHARE, _FAR_SHARE = 0.1, 0.02, 0.01
_FEATURES = (5, 200)
_SKEW = -1.3  # large models are rare: half have 8 features or fewer, all 14 on average
_STRENGTHS = np.array([1, 2, 3, 4], dtype=np.uint8)  # table, influence, masked, value

Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CatalogArrays:
    """A catalog as arrays; nodes are numbered from 0.

    Attributes
    ----------
    parents : array of int32
        What each node is a part of; -1 for entities.
    tails, heads : array of int32
        Where each hop leaves and arrives.
    strengths : array of uint8
        What each hop proves.
    models : array of int32
    tagged, tags : array
        The columns with a tag, and the number of that tag.
    """

    parents: NDArray[np.int32]
    tails: NDArray[np.int32]
    heads: NDArray[np.int32]
    strengths: NDArray[np.uint8]
    models: NDArray[np.int32]
    tagged: NDArray[np.int32]
    tags: NDArray[np.int64]


def make_arrays(nodes: int, *, seed: int = 20) -> CatalogArrays:
    """Make a catalog of about so many nodes."""
    return _Making(nodes, np.random.default_rng(seed)).make()


class _Making:
    """The nodes in order (tables, columns, models, features, others), and the hops so far."""

    def __init__(self, nodes: int, chance: np.random.Generator) -> None:
        self.chance = chance
        self.domains = max(1, nodes // _DOMAIN)
        self.tables = max(self.domains * _LAYERS * 2, nodes * 31 // 1000)
        self.widths = chance.integers(10, 41, self.tables)
        self.columns = int(self.widths.sum())
        self.models = max(1, nodes // 100)
        least, most = (float(size) ** _SKEW for size in _FEATURES)
        sizes = (chance.uniform(most, least, self.models) ** (1 / _SKEW)).astype(np.int64)
        self.table_of = np.repeat(np.arange(self.tables), self.widths)
        self.first_column = np.cumsum(self.widths) - self.widths
        self.model_of = np.repeat(np.arange(self.models), sizes)
        self.others = nodes * 38 // 1000
        # Table t lies in domain t % domains and layer (t // domains) % layers.
        self.layer = (np.arange(self.tables) // self.domains) % _LAYERS
        self.hops: list[tuple[Numbers, Numbers, NDArray[np.uint8]]] = []

    def make(self) -> CatalogArrays:
        """Make everything, then shuffle the numbers."""
        self._feed_tables()
        self._feed_features()
        self._feed_back()
        self._feed_others()
        tails, heads, strengths = map(np.concatenate, zip(*self.hops, strict=True))
        count = self.tables + self.columns + self.models + len(self.model_of) + self.others
        number = self.chance.permutation(count).astype(np.int32)
        order = self.chance.permutation(len(tails))
        parents = np.full(count, -1, dtype=np.int32)
        parents[number[self._column(np.arange(self.columns))]] = number[self.table_of]
        parents[number[self._feature(np.arange(len(self.model_of)))]] = number[
            self._model(self.model_of)
        ]
        tagged = (self.chance.random(self.columns) < _TAGGED_SHARE).nonzero()[0]
        return CatalogArrays(
            parents=parents,
            tails=number[tails[order]],
            heads=number[heads[order]],
            strengths=strengths[order],
            models=number[self._model(np.arange(self.models))],
            tagged=number[self._column(tagged)],
            tags=self.chance.integers(0, _TAGS, len(tagged)),
        )

    def _column(self, column: Numbers) -> Numbers:
        return self.tables + column

    def _model(self, model: Numbers) -> Numbers:
        return self.tables + self.columns + model

    def _feature(self, feature: Numbers) -> Numbers:
        return self.tables + self.columns + self.models + feature

    def _hop(self, tails: Numbers, heads: Numbers, strengths: Any) -> None:
        many = np.broadcast_to(np.asarray(strengths, dtype=np.uint8), tails.shape)
        self.hops.append((tails, heads, many))

    def _any_column(self, tables: Numbers) -> Numbers:
        """Choose a column of each table, the first ones far more often."""
        place = self.chance.random(len(tables)) ** 3 * self.widths[tables]
        return self._column(self.first_column[tables] + place.astype(np.int64))

    def _table_above(self, tables: Numbers) -> Numbers:
        """Choose a table of the layer above in the same domain, rarely in another one."""
        domains = np.where(
            self.chance.random(len(tables)) < _FAR_SHARE,
            self.chance.integers(0, self.domains, len(tables)),
            tables % self.domains,
        )
        blocks = self.tables // (self.domains * _LAYERS)
        block = self.chance.integers(0, blocks, len(tables))
        return (block * _LAYERS + self.layer[tables] - 1) * self.domains + domains

    def _feed_tables(self) -> None:
        fed = (self.layer > 0).nonzero()[0]
        feeding = np.stack([self._table_above(np.arange(self.tables)) for _ in range(_FEEDING)])
        bare = self.chance.random(feeding.shape) < _BARE_SHARE
        for above, is_bare in zip(feeding, bare, strict=True):
            chosen = fed[is_bare[fed]]
            self._hop(above[chosen], chosen, 1)
        columns = np.repeat(np.arange(self.columns), self.chance.integers(1, 11, self.columns))
        table = self.table_of[columns]
        turn = self.chance.integers(0, _FEEDING, len(columns))
        mapped = (self.layer[table] > 0) & ~bare[turn, table]
        columns, above = columns[mapped], feeding[turn, table][mapped]
        self._hop(self._any_column(above), self._column(columns), self._some_strengths(len(above)))

    def _feed_features(self) -> None:
        features = np.repeat(
            np.arange(len(self.model_of)), self.chance.integers(1, 6, len(self.model_of))
        )
        last = (self.layer == _LAYERS - 1).nonzero()[0]
        # A model reads tables of one domain.
        models = self.model_of[features]
        domain = models % self.domains
        block = self.chance.integers(0, len(last) // self.domains, len(features))
        tables = last[block * self.domains + domain]
        self._hop(self._any_column(tables), self._feature(features), 4)

    def _feed_back(self) -> None:
        tails, heads, _ = self.hops[-2]
        back = self.chance.integers(0, len(tails), max(1, self.columns // 10_000))
        self._hop(heads[back], tails[back], 4)
        many = max(1, self.columns // 50_000)
        models = self._model(self.chance.integers(0, self.models, many))
        self._hop(models, self._column(self.chance.integers(0, self.columns, many)), 1)

    def _feed_others(self) -> None:
        others = np.arange(self.others) + self._feature(np.array(len(self.model_of)))
        self._hop(self.chance.integers(0, self.tables, self.others), others, 1)

    def _some_strengths(self, many: int) -> NDArray[np.uint8]:
        return self.chance.choice(_STRENGTHS, many, p=(0, 0.05, 0.05, 0.9))
