"""The register: protected attributes and their proxies, as people have declared them."""

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from lineage.errors import UnknownEntity

__all__ = ["Association", "Attribute", "Proxy", "Register"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A protected attribute, by what holds it.

    Attributes
    ----------
    name : str
        What people call it: `gender`.
    tags : tuple of str
        Patterns of the tags that say so; `*` stands for anything.
    columns : tuple of str
        Patterns of columns and features that hold it though nothing is tagged: of their fully
        qualified names, or of their bare ones. In any case.
    testing : tuple of str
        Patterns of the entities that may hold it so that a model can be tested for bias.
    """

    name: str
    tags: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    testing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Association:
    """How closely a proxy goes with its attribute, as somebody measured it.

    Attributes
    ----------
    measure : str
        What was computed: `Cramér's V`.
    value : float
    run : str
        The run that computed it, so that it can be looked up.
    """

    measure: str
    value: float
    run: str

    def __str__(self) -> str:
        return f"{self.measure} {self.value:g} in {self.run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """Something that is no protected attribute and yet indicates one.

    Attributes
    ----------
    name : str
        What people call it: `postcode`.
    attribute : str
        The attribute it indicates.
    reason : str
        Why it does.
    reviewer : str
        Who answers for the entry.
    tags, columns : tuple of str
        What holds it, as for an `Attribute`.
    evidence : str or None
        Where the reason is shown: a study, a ticket, a report.
    expires : date or None
        The first day on which the entry has to be looked at again. It counts after it too,
        and is said to have expired: a danger does not pass with its date.
    association : Association or None
        What was measured, if anybody did.
    """

    name: str
    attribute: str
    reason: str
    reviewer: str
    tags: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    evidence: str | None = None
    expires: date | None = None
    association: Association | None = None

    def has_expired(self, on: date | None) -> bool:
        """Whether the entry has to be looked at again; never, where no day is named.

        Examples
        --------
        >>> entry = Proxy(
        ...     name="postcode",
        ...     attribute="ethnicity",
        ...     reason="neighbourhoods differ",
        ...     reviewer="fairness",
        ...     expires=date(2026, 1, 1),
        ... )
        >>> entry.has_expired(date(2025, 12, 31)), entry.has_expired(date(2026, 1, 1))
        (False, True)
        """
        return on is not None and self.expires is not None and self.expires <= on


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Attributes and proxies, in the order they were written down."""

    attributes: tuple[Attribute, ...] = ()
    proxies: tuple[Proxy, ...] = ()

    def attribute(self, name: str) -> Attribute:
        """Give the attribute of a name.

        Raises
        ------
        UnknownEntity
            The register has none; the nearest names are with it.

        Examples
        --------
        >>> Register(attributes=(Attribute(name="gender"),)).attribute("gender").name
        'gender'
        """
        names = [item.name for item in self.attributes]
        if name not in names:
            where = f"in the register, which has {', '.join(names) or 'no attribute'}"
            raise UnknownEntity(name, get_close_matches(name, names), where=where)
        return self.attributes[names.index(name)]

    def proxies_of(self, name: str) -> tuple[Proxy, ...]:
        """List the proxies of an attribute."""
        return tuple(item for item in self.proxies if item.attribute == name)
