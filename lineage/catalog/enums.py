"""Words: the enumerations of OpenMetadata's schemas that requests are checked against."""

from collections.abc import Mapping

__all__ = ["COLUMN_TYPES", "FIELD_TYPES", "SEARCH_FIELD_TYPES", "SERVICE_TYPES", "VOCABULARY"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


COLUMN_TYPES = _words(
    """
    NUMBER TINYINT SMALLINT INT BIGINT BYTEINT BYTES FLOAT DOUBLE DECIMAL NUMERIC TIMESTAMP
    TIMESTAMPZ TIME DATE DATETIME INTERVAL STRING MEDIUMTEXT TEXT CHAR LONG VARCHAR BOOLEAN
    BINARY VARBINARY ARRAY BLOB LONGBLOB MEDIUMBLOB MAP STRUCT UNION SET GEOGRAPHY ENUM JSON
    UUID VARIANT GEOMETRY BYTEA AGGREGATEFUNCTION ERROR FIXED RECORD NULL SUPER HLLSKETCH
    PG_LSN PG_SNAPSHOT TSQUERY TXID_SNAPSHOT XML MACADDR TSVECTOR UNKNOWN CIDR INET CLOB
    ROWID LOWCARDINALITY YEAR POINT POLYGON TUPLE SPATIAL TABLE NTEXT IMAGE IPV4 IPV6
    DATETIMERANGE HLL LARGEINT QUANTILE_STATE AGG_STATE BITMAP UINT BIT MONEY MEASURE KPI
    HIERARCHYID
    """
) | {"MEASURE HIDDEN", "MEASURE VISIBLE", "HEIRARCHY"}  # codespell:ignore
"""`dataType` of a column; OpenMetadata spells the hierarchy as it does."""

FIELD_TYPES = _words(
    """
    RECORD NULL BOOLEAN INT LONG BYTES FLOAT DOUBLE TIMESTAMP TIMESTAMPZ TIME DATE STRING
    ARRAY MAP ENUM UNION FIXED ERROR UNKNOWN
    """
)
"""`dataType` of a field of a message or of an API."""

SEARCH_FIELD_TYPES = _words(
    """
    NUMBER TEXT BINARY TIMESTAMP TIMESTAMPZ TIME DATE DATETIME KEYWORD ARRAY OBJECT
    FLATTENED NESTED JOIN RANGE IP VERSION MURMUR3 AGGREGATE_METRIC_DOUBLE HISTOGRAM
    ANNOTATED-TEXT COMPLETION SEARCH_AS_YOU_TYPE DENSE_VECTOR RANK_FEATURE RANK_FEATURES
    GEO_POINT GEO_SHAPE POINT SHAPE PERCOLATOR BOOLEAN CONSTANT_KEYWORD WILDCARD LONG
    INTEGER SHORT BYTE DOUBLE FLOAT HALF_FLOAT SCALED_FLOAT UNSIGNED_LONG UNKNOWN
    """
)
"""`dataType` of a field of a search index."""

SERVICE_TYPES: Mapping[str, frozenset[str]] = {
    kind: _words(words)
    for kind, words in {
        "databaseService": """
            BigQuery BigTable Mysql Redshift Snowflake Postgres Timescale Mssql MicrosoftAccess
            Oracle Athena Hive Impala Presto Trino Vertica Glue MariaDB Druid Db2 Clickhouse
            Databricks AzureSQL DynamoDB SingleStore SQLite DeltaLake Salesforce PinotDB Datalake
            DomoDatabase QueryLog CustomDatabase Dbt SapHana MongoDB Cassandra Couchbase Greenplum
            Doris StarRocks UnityCatalog SAS Teradata SapErp Synapse Exasol Cockroach SSAS Epic
            ServiceNow Dremio MicrosoftFabric BurstIQ Informix Iomete
        """,
        "mlmodelService": """
            Mlflow Sklearn CustomMlModel SageMaker VertexAI
        """,
        "pipelineService": """
            Airflow GluePipeline KinesisFirehose Airbyte Fivetran Flink Dagster Nifi DomoPipeline
            CustomPipeline DatabricksPipeline Spline Spark OpenLineage KafkaConnect DBTCloud
            Matillion Stitch DataFactory Wherescape SSIS Snowplow Mulesoft MicrosoftFabricPipeline
        """,
        "dashboardService": """
            Superset Looker Tableau Redash Metabase PowerBI PowerBIReportServer Mode CustomDashboard
            DomoDashboard QuickSight QlikSense Lightdash MicroStrategy QlikCloud Sigma ThoughtSpot
            Grafana Hex Ssrs
        """,
        "messagingService": """
            Kafka Redpanda Kinesis PubSub CustomMessaging
        """,
        "storageService": """
            S3 ADLS GCS CustomStorage
        """,
        "searchService": """
            ElasticSearch OpenSearch CustomSearch
        """,
        "apiService": """
            Rest WEBHOOK
        """,
    }.items()
}
"""`serviceType` of each kind of service."""

VOCABULARY: Mapping[str, frozenset[str]] = {
    field: _words(words)
    for field, words in {
        "tableType": """
            Regular External Dynamic View SecureView MaterializedView Iceberg Local Partitioned
            Foreign Transient Stream Stage
        """,
        "constraint": """
            NULL NOT_NULL UNIQUE PRIMARY_KEY
        """,
        "chartType": """
            Line Table Bar Area Pie Histogram Scatter Text BoxPlot SanKey Gauge Map Graph Heatmap
            Timeline Other
        """,
        "dashboardType": """
            Dashboard Report
        """,
        "dataModelType": """
            TableauDataModel TableauPublishedDatasource TableauEmbeddedDatasource SupersetDataModel
            MetabaseDataModel LookMlView LookMlExplore PowerBIDataModel QlikDataModel
            QuickSightDataModel SigmaDataModel PowerBIDataFlow MicroStrategyDataset
            ThoughtSpotDataModel
        """,
        "storedProcedureType": """
            StoredProcedure UDF StoredPackage Function
        """,
        "metricType": """
            COUNT SUM AVERAGE RATIO PERCENTAGE MIN MAX MEDIAN MODE STANDARD_DEVIATION VARIANCE OTHER
        """,
        "unitOfMeasurement": """
            COUNT DOLLARS PERCENTAGE TIMESTAMP SIZE REQUESTS EVENTS TRANSACTIONS OTHER
        """,
        "granularity": """
            SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR
        """,
        "requestMethod": """
            GET POST PUT PATCH DELETE HEAD CONNECT OPTIONS TRACE
        """,
        "featureType": """
            numerical categorical
        """,
        "featureSourceType": """
            integer number string array date timestamp object boolean
        """,
        "pipelineState": """
            Active Inactive
        """,
        "schemaType": """
            Avro Protobuf JSON Other None
        """,
        "indexType": """
            Index IndexTemplate
        """,
        "fileFormat": """
            csv csv.gz tsv avro parquet pq pqt parq parquet.snappy json json.gz json.zip jsonl
            jsonl.gz jsonl.zip MF4
        """,
        "containerFileFormat": """
            zip gz zstd csv tsv json parquet avro MF4
        """,
    }.items()
}
"""Other enumerations, by the field that holds them."""
