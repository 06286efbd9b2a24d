"""The data of a rule that a register declares: what holds an attribute, or what indicates it."""

from dataclasses import dataclass, field

from lineage.governance.audit.protected_attributes import Protected, find_protected
from lineage.governance.audit.sensitivity import Sensitive
from lineage.governance.policy.fields import Fields
from lineage.graph.lineage_graph import LineageGraph
from lineage.model.register import Register
from lineage.model.settings_document import nearest

__all__ = ["Declared", "read_declared"]

_KEYS = ("attribute", "proxies_of")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What holds a protected attribute, or its proxies, as a register declares them.

    Attributes
    ----------
    attribute : str
        As the register calls it.
    is_of_proxies : bool
        Whether its proxies are meant, and not what holds it.
    register : Register
    """

    attribute: str
    is_of_proxies: bool = False
    register: Register = field(repr=False)

    def __str__(self) -> str:
        return f"{'proxies of ' if self.is_of_proxies else ''}attribute {self.attribute!r}"

    def find(self, graph: LineageGraph) -> tuple[tuple[Sensitive, ...], Protected]:
        """Find it in a graph; with it all that was found of the attribute, gaps too."""
        protected = find_protected(graph, self.register, self.attribute)
        return protected.proxies if self.is_of_proxies else protected.holders, protected


def read_declared(rule: Fields, register: Register | None) -> Declared | None:
    """Read what `from` names of a register, as in `from = { attribute = "gender" }`.

    Mistakes are noted; None where there are any.
    """
    place = (*rule.place, "from")
    fields = Fields.of(rule.mistakes, place, rule.table["from"], known=_KEYS)
    named = [key for key in _KEYS if fields.has(key)]
    if len(named) != 1:
        rule.wrong("from", "'from' is a selection, or names one of 'attribute' and 'proxies_of'")
        return None
    name = fields.text(named[0])
    if register is None:
        rule.wrong("from", f"{named[0]!r} takes a register: name its file as 'register'")
        return None
    names = [item.name for item in register.attributes]
    if name not in names:
        hint = nearest(name, names) or f", but {', '.join(names)}"
        fields.wrong(named[0], f"the register has no attribute {name!r}{hint}")
        return None
    is_of_proxies = named[0] == "proxies_of"
    if is_of_proxies and not register.proxies_of(name):
        fields.wrong(named[0], f"the register declares no proxy of {name!r}")
        return None
    return Declared(attribute=name, is_of_proxies=is_of_proxies, register=register)
