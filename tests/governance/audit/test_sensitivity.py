from lineage.governance.audit.sensitivity import find_sensitive
from lineage.model.entities import Column, Entity, Feature, FeatureSource, MlModel, Tag
from tests.builders import column, entity, feature, graph_of, table


def test_the_default_tags_count_and_others_do_not() -> None:
    graph = graph_of(table("a", "x:PII.Sensitive y:PersonalData.Personal z:PII.None w:Tier.Tier1"))
    assert [item.reference for item in find_sensitive(graph)] == [column("a.x"), column("a.y")]


def test_any_pattern_of_tags_can_be_asked_for() -> None:
    graph = graph_of(table("a", "x:Bank.Iban y:PII.Sensitive"))
    assert [item.tags for item in find_sensitive(graph, tags=("Bank.*",))] == [("Bank.Iban",)]


def test_suggested_and_automatic_labels_count_only_if_asked() -> None:
    labels = (
        Tag(fqn="PII.Sensitive", state="Suggested"),
        Tag(fqn="PII.Sensitive", label_type="Automated"),
        Tag(fqn="PII.Sensitive", label_type="Generated"),
    )
    columns = tuple(
        Column(name=str(number), fqn=f"a.{number}", tags=(tag,))
        for number, tag in enumerate(labels)
    )
    graph = graph_of(Entity(reference=entity("a"), columns=columns))
    assert find_sensitive(graph) == ()
    assert len(find_sensitive(graph, suggested=True)) == 3


def test_labels_that_come_through_a_glossary_term_count() -> None:
    derived = Tag(fqn="PII.Sensitive", label_type="Derived")
    columns = (Column(name="x", fqn="a.x", tags=(derived,)),)
    graph = graph_of(Entity(reference=entity("a"), columns=columns))
    assert len(find_sensitive(graph)) == 1


def test_a_tag_on_a_struct_holds_for_what_is_nested_in_it() -> None:
    street = Column(name="street", fqn="a.address.street")
    address = Column(
        name="address", fqn="a.address", tags=(Tag(fqn="PII.Sensitive"),), children=(street,)
    )
    graph = graph_of(Entity(reference=entity("a"), columns=(address,)))
    found = {item.reference: item.tagged for item in find_sensitive(graph)}
    assert found == {
        column("a.address"): column("a.address"),
        column("a.address.street"): column("a.address"),
    }


def test_a_tag_on_a_table_says_nothing_of_a_single_column() -> None:
    graph = graph_of(table("a", "x", tags="PII.Sensitive"))
    assert [item.reference for item in find_sensitive(graph)] == [entity("a")]


def test_a_tag_on_a_feature_source_holds_for_the_feature() -> None:
    source = FeatureSource(name="x", tags=(Tag(fqn="PII.Sensitive"),))
    age = Feature(name="f", fqn="m.f", sources=(source,))
    graph = graph_of(MlModel(reference=entity("m"), features=(age,)))
    assert [item.reference for item in find_sensitive(graph)] == [feature("m.f")]
