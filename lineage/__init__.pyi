# The public names, and where each is: written here and nowhere else.

from .catalog.wsgi import Catalog as Catalog
from .changes.copy_edges import copy_edges as copy_edges
from .changes.ddl_changes import ddl_changes as ddl_changes
from .changes.desired import (
    Desired as Desired,
    resolve_declaration as resolve_declaration,
)
from .changes.graph_diff import diff_hops as diff_hops
from .changes.model_history import model_history as model_history
from .changes.profile_drift import DriftLimits as DriftLimits
from .changes.schema_changes import schema_changes as schema_changes
from .changes.since import Since as Since, since as since
from .changes.snapshot_diff import (
    SnapshotDiff as SnapshotDiff,
    diff as diff,
)
from .changes.stale import (
    Stale as Stale,
    find_stale as find_stale,
)
from .changes.written_changes import resolve_changes as resolve_changes
from .engines.edge_table import write_edge_table as write_edge_table
from .errors import (
    AccessRefused as AccessRefused,
    AmbiguousName as AmbiguousName,
    AnswerTooSlow as AnswerTooSlow,
    BadSelection as BadSelection,
    BrokenAnswer as BrokenAnswer,
    BrokenFile as BrokenFile,
    LineageError as LineageError,
    MalformedName as MalformedName,
    MistakenFile as MistakenFile,
    NotOpenMetadata as NotOpenMetadata,
    PlanRefused as PlanRefused,
    RequestFailed as RequestFailed,
    ServerError as ServerError,
    ServerGone as ServerGone,
    ServerUnreachable as ServerUnreachable,
    UnknownEntity as UnknownEntity,
)
from .evidence.ddl import read_ddl as read_ddl
from .evidence.load_evidence import lay_evidence as lay_evidence
from .evidence.overlay import Overlay as Overlay
from .files.change_file import read_changes as read_changes
from .files.document_file import (
    read_document as read_document,
    read_ready_policy as read_ready_policy,
)
from .files.lineage_file import read_lineage_file as read_lineage_file
from .files.register_file import read_register as read_register
from .files.snapshot_file import (
    read_snapshot as read_snapshot,
    write_snapshot as write_snapshot,
)
from .governance.audit.audit import audit as audit
from .governance.audit.audit_answer import Audit as Audit
from .governance.audit.inventory import (
    Inventory as Inventory,
    take_inventory as take_inventory,
)
from .governance.audit.proof import (
    AuditProof as AuditProof,
    prove as prove,
)
from .governance.audit.protected_attributes import (
    Protected as Protected,
    audit_attribute as audit_attribute,
    find_protected as find_protected,
)
from .governance.audit.verdicts import (
    Assessment as Assessment,
    Finding as Finding,
    Verdict as Verdict,
)
from .governance.bias.bias import (
    Bias as Bias,
    bias as bias,
)
from .governance.pack.make import make_pack as make_pack
from .governance.pack.values import (
    AuditPack as AuditPack,
    Reading as Reading,
)
from .governance.policy.check import check as check
from .governance.policy.check_report import Check as Check
from .governance.policy.reading import make_policy as make_policy
from .governance.policy.rules import Policy as Policy
from .graph.build import build_graph as build_graph
from .graph.lineage_graph import LineageGraph as LineageGraph
from .masking.rules import MaskingRule as MaskingRule
from .model.edges import (
    ColumnEdge as ColumnEdge,
    Edge as Edge,
    Evidence as Evidence,
    Hop as Hop,
    Influence as Influence,
    Origin as Origin,
    Path as Path,
    Strength as Strength,
)
from .model.entities import (
    Column as Column,
    Dashboard as Dashboard,
    Entity as Entity,
    Feature as Feature,
    FeatureSource as FeatureSource,
    HyperParameter as HyperParameter,
    MlModel as MlModel,
    Pipeline as Pipeline,
    Tag as Tag,
)
from .model.entity_history import History as History
from .model.proposed_change import (
    Action as Action,
    ChangeSet as ChangeSet,
    ProposedChange as ProposedChange,
)
from .model.reference import (
    Kind as Kind,
    Reference as Reference,
)
from .model.register import (
    Attribute as Attribute,
    Proxy as Proxy,
    Register as Register,
)
from .model.snapshot import (
    Gap as Gap,
    GapKind as GapKind,
    Snapshot as Snapshot,
)
from .openmetadata.client import Client as Client
from .openmetadata.list_versions import list_versions as list_versions
from .openmetadata.read_history import (
    list_models as list_models,
    read_history as read_history,
    read_versions as read_versions,
)
from .openmetadata.read_profiles import read_profiles as read_profiles
from .openmetadata.read_since import read_since as read_since
from .openmetadata.read_upstream import read_upstream as read_upstream
from .openmetadata.reader import read as read
from .queries.coverage import (
    Coverage as Coverage,
    coverage as coverage,
)
from .queries.impact.hits import (
    Hit as Hit,
    Impact as Impact,
)
from .queries.impact.impact import impact as impact
from .queries.impact.verdicts import ImpactVerdict as ImpactVerdict
from .queries.lookup import (
    find as find,
    find_model as find_model,
)
from .queries.paths import (
    Paths as Paths,
    paths as paths,
)
from .queries.selection.parse import parse_selection as parse_selection
from .queries.selection.resolve import (
    resolve as resolve,
    select as select,
)
from .queries.selection.selected import Selected as Selected
from .queries.traversal import (
    Trace as Trace,
    downstream as downstream,
    roots as roots,
    sinks as sinks,
    upstream as upstream,
)
from .views.exports.export import (
    export as export,
    write_export as write_export,
)
from .views.lineage_diagram import draw as draw
from .views.pack.pack_files import write_pack as write_pack
from .views.picture.figure import write_figure as write_figure
from .views.trace_text import render_tree as render_tree
from .writes.apply import apply_plan as apply_plan
from .writes.desired_plan import plan_desired as plan_desired
from .writes.journal import Journal as Journal
from .writes.merge import Merge as Merge
from .writes.outcome import Applied as Applied
from .writes.plan import (
    Plan as Plan,
    make_plan as make_plan,
)
from .writes.plan_file import (
    read_plan as read_plan,
    write_plan as write_plan,
)
from .writes.undo import make_undo as make_undo

__all__: list[str]
__version__: str
