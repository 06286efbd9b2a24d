from dataclasses import asdict, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage.catalog.entity_kinds import BY_COLLECTION
from lineage.catalog.versions import next_version as catalogs_version
from lineage.changes.model_diff import Bump, bump_of, next_version, rebase
from lineage.changes.model_facts import changed_facts
from lineage.model.entities import Feature, FeatureSource, HyperParameter, MlModel, Tag
from lineage.model.reference import Kind, Reference
from tests.builders import entity

WORDS = st.none() | st.sampled_from(("one", "two"))
SOURCES = st.lists(
    st.builds(
        FeatureSource,
        name=st.sampled_from("xy"),
        entity=st.sampled_from((entity("a"), entity("b"))),
        data_type=WORDS,
    ),
    max_size=2,
    unique_by=lambda source: (source.name, source.entity),
).map(lambda sources: tuple(sorted(sources, key=str)))
TAGS = st.sets(st.sampled_from(("A.a", "B.b"))).map(
    lambda names: tuple(Tag(fqn=name) for name in sorted(names))
)
SETTINGS = st.builds(HyperParameter, name=st.sampled_from("pq"), value=st.just("1") | WORDS)
SETTINGS_SAID = SETTINGS.filter(lambda setting: setting.value is not None)


@st.composite
def features(draw: st.DrawFn) -> tuple[Feature, ...]:
    names = sorted(
        draw(st.sets(st.sampled_from(("f", "g", "f.description", "f.sources", "g.tags"))))
    )
    return tuple(
        Feature(
            name=name,
            fqn=f"m.{name}",
            data_type=draw(WORDS),
            description=draw(WORDS),
            algorithm=draw(WORDS),
            sources=draw(SOURCES),
            tags=draw(TAGS),
        )
        for name in names
    )


MODELS = st.builds(
    MlModel,
    reference=st.just(entity("m")),
    algorithm=WORDS,
    description=WORDS,
    target=WORDS,
    server=WORDS,
    storage=WORDS,
    dashboard=st.none() | st.just(Reference(Kind.DASHBOARD, "d")),
    tags=TAGS,
    features=features(),
    hyper_parameters=st.lists(
        SETTINGS_SAID, max_size=2, unique_by=lambda setting: setting.name
    ).map(lambda settings: tuple(sorted(settings, key=lambda setting: setting.name))),
)


@given(MODELS, MODELS)
def test_two_models_have_the_same_facts_only_where_they_say_the_same(
    one: MlModel, other: MlModel
) -> None:
    assert (changed_facts(one, other) == ()) == (said(one) == said(other))
    assert changed_facts(one, one) == ()


def said(model: MlModel) -> dict[str, Any]:
    """Give what a model says, by itself: no name is ever joined to another."""
    features = {feature.name: asdict(feature) for feature in model.features}
    return {**asdict(model), "features": features}


@pytest.mark.parametrize("field", ["description", "data_type", "algorithm", "sources", "tags"])
def test_a_feature_that_is_called_like_a_fact_of_another_hides_no_change(field: str) -> None:
    value: Any = {
        "sources": (FeatureSource(name="x", entity=entity("a")),),
        "tags": (Tag(fqn="A.a"),),
    }.get(field, "new")
    item, odd = Feature(name="item", fqn="m.item"), Feature(name=f"item.{field}", fqn="m.odd")
    model = MlModel(reference=entity("m"), features=(item, odd))
    wanted = replace(model, features=(replace(item, **{field: value}), odd))
    (fact,) = changed_facts(model, wanted)
    assert fact.path == ("features", "item", field)
    assert fact.name == f"feature item, {field.replace('_', ' ')}"
    odd_wanted = replace(model, features=(item, replace(odd, **{field: value})))
    assert changed_facts(model, odd_wanted)[0].name.startswith(f'feature "item.{field}", ')


def test_a_setting_without_a_value_that_comes_is_a_change() -> None:
    model = MlModel(reference=entity("m"))
    wanted = replace(model, hyper_parameters=(HyperParameter(name="warm"),))
    (fact,) = changed_facts(model, wanted)
    assert str(fact) == "hyper-parameter warm: new"


def test_sources_that_read_alike_are_kept_apart() -> None:
    one = FeatureSource(name="c", entity=entity("a.b"))
    other = FeatureSource(name="b.c", entity=entity("a"))
    models = (
        MlModel(reference=entity("m"), features=(Feature(name="f", fqn="m.f", sources=(source,)),))
        for source in (one, other)
    )
    assert len(changed_facts(*models)) == 1


def test_a_source_is_the_same_whatever_its_entity_is_called_at_the_time() -> None:
    ids = FeatureSource(name="x", entity=entity("4711"), entity_id="4711")
    named = replace(ids, entity=entity("people"))
    before, after = (
        MlModel(reference=entity("m"), features=(Feature(name="f", fqn="m.f", sources=(one,)),))
        for one in (ids, named)
    )
    assert changed_facts(before, after) == ()


@given(MODELS)
def test_a_change_made_on_the_model_it_was_made_for_gives_what_was_wanted(model: MlModel) -> None:
    wanted = replace(
        model,
        target="three",
        features=(*model.features, Feature(name="new", fqn="m.new")),
        hyper_parameters=(*model.hyper_parameters, HyperParameter(name="new", value="1")),
    )
    assert rebase(model, before=model, after=wanted) == wanted


@given(MODELS, MODELS)
def test_a_change_of_nothing_changes_nothing(current: MlModel, planned: MlModel) -> None:
    assert rebase(current, before=planned, after=planned) == current


@given(MODELS)
def test_what_others_changed_elsewhere_stays(before: MlModel) -> None:
    after = replace(before, target="three")
    current = replace(before, description="theirs", features=())
    assert rebase(current, before=before, after=after) == replace(current, target="three")


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("algorithm", "algorithm"),
        ("server", "server"),
        ("target", "target"),
        ("description", "description"),
        ("displayName", "display_name"),
        ("sourceUrl", "source_url"),
        ("mlStore", "storage"),
        ("mlFeatures", "features.age.description"),
        ("mlHyperParameters", "hyper_parameters.depth.value"),
        ("tags", "tags"),
        ("dashboard", "dashboard"),
    ],
)
@pytest.mark.parametrize("version", [0.1, 0.9, 1.0, 1.9])
def test_versions_are_reported_as_the_catalog_makes_them(
    field: str, path: str, version: float
) -> None:
    old: dict[str, Any] = {"version": version, field: "one"}
    made = catalogs_version(BY_COLLECTION["mlmodels"], old, {**old, field: "two"})
    model = MlModel(reference=entity("m"))
    fact = next(iter(changed_facts(model, replace(model, target="x"))))
    bump = bump_of((replace(fact, path=tuple(path.split("."))),))
    assert made is not None
    assert next_version(version, bump) == made[0]


def test_one_major_change_among_others_makes_the_version_major() -> None:
    model = MlModel(reference=entity("m"))
    both = changed_facts(model, replace(model, description="x", server="y"))
    assert [fact.path for fact in both] == [("description",), ("server",)]
    assert bump_of(both) == Bump.MAJOR
    assert bump_of(both[:1]) == Bump.MINOR
