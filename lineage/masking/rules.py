"""The masking rules: which functions hide the value they are given, and which do not.

Two tables, each entry with its reason. `RULES` hide, and say of which arguments. `CONDUCTING` are
functions that many take for masking, or that stand around it: they let the value through, but
cannot bring back what is hidden already. What is in neither table is unknown, and conducts.

A function is in `RULES` only where a product documents it, and every product that documents a
function of that name hides those arguments. What a function of somebody's own does is for a policy
to say. The products are named beside the functions.
"""

from dataclasses import dataclass

__all__ = ["CONDUCTING", "RULES", "STATED", "ConductingRule", "MaskingRule"]


@dataclass(frozen=True, slots=True)
class MaskingRule:
    """Functions that hide the value, and why they do.

    Attributes
    ----------
    name : str
        What the rule is called in findings.
    functions : frozenset of str
        Signatures of functions, as `lineage.masking.signatures` reads them.
    reason : str
        Why the value cannot be read from the result.
    inverses : frozenset of str
        What the names of functions contain that bring the value back. Where one is used further
        downstream, the rule hides nothing.
    caveat : str
        What can be found out of the value all the same.
    """

    name: str
    functions: frozenset[str]
    reason: str
    inverses: frozenset[str] = frozenset()
    caveat: str = ""

    @property
    def explanation(self) -> str:
        """The reason, and what limits it.

        Examples
        --------
        >>> MaskingRule("vault", frozenset({"vault"}), "tokens are drawn").explanation
        'tokens are drawn'
        """
        return f"{self.reason}; but {self.caveat}" if self.caveat else self.reason


@dataclass(frozen=True, slots=True)
class ConductingRule:
    """Functions that do not hide the value, and why they do not.

    Attributes
    ----------
    name : str
        What they have in common.
    functions : frozenset of str
        Names of functions, in lower case.
    reason : str
        What of the value is left in the result.
    """

    name: str
    functions: frozenset[str]
    reason: str


def _each(names: str, arguments: str = "") -> frozenset[str]:
    """Write the signatures of several functions that take the same arguments."""
    return frozenset(name + arguments for name in names.split())


_DIGEST = MaskingRule(
    "digest",
    # Snowflake: MD5_HEX, MD5_NUMBER_LOWER64 and their like; DuckDB: md5_number; Redshift:
    # FUNC_SHA1; ClickHouse: BLAKE3; Hive: mask_hash; the others in most products.
    _each(
        """
        md5 md5_hex md5_binary md5_number md5_number_lower md5_number_upper md5_number_lower64
        md5_number_upper64 sha sha1 sha1_hex sha1_binary func_sha1 sha224 sha256 sha384 sha512
        blake3 mask_hash
        """,
        "(value)",
    )
    # Spark, MySQL, Redshift, Hive: sha2, where a length of 0 means 256; SQLite: sha3.
    | _each("sha2 sha2_hex sha2_binary sha3", "(value, [bits])")
    # PostgreSQL (pgcrypto) and DataFusion: digest; Oracle: STANDARD_HASH, DBMS_CRYPTO.HASH.
    | _each("digest dbms_crypto.hash", "(value, algorithm)")
    | _each("standard_hash", "(value, [algorithm])")
    # SQL Server: HASHBYTES. Couchbase takes what is hashed first, so no column may be there.
    | _each("hashbytes", "(algorithm, value)")
    # Exasol, Db2 and SAP HANA: HASH_MD5 and its like; Doris and StarRocks: md5sum.
    | _each("hash_md5 hash_sha1 hash_sha256 hash_sha512 md5sum", "(value, ...)")
    # With a key that is written in the function, a keyed hash is as good as a digest.
    | _each("hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512", "(value, value)")
    | _each("hmac", "(value, value, [value])")
    | _each("dbms_crypto.mac", "(value, algorithm, value)"),
    "the value cannot be computed from its digest",
    caveat=(
        "a value that can be guessed, such as an e-mail address, a telephone number or a date of "
        "birth, is found by hashing guesses, unless a secret is hashed with it; what is written in "
        "the function is no secret"
    ),
)

_KEYED_HASH = MaskingRule(
    "keyed hash",
    # Trino and Presto take the key last, other libraries first: both are hidden.
    _each("hmac_md5 hmac_sha1 hmac_sha256 hmac_sha512", "(secret, secret)")
    # PostgreSQL (pgcrypto): hmac(data, key, type); ClickHouse: HMAC(mode, message, key).
    | _each("hmac", "(secret, secret, [value])")
    # Oracle: DBMS_CRYPTO.MAC(src, typ, key).
    | _each("dbms_crypto.mac", "(secret, algorithm, secret)"),
    "without the key, a guessed value cannot even be compared",
    caveat="whoever has the key finds a value that can be guessed",
)

_ENCRYPTION = MaskingRule(
    "encryption",
    # Snowflake: ENCRYPT(value, passphrase); PostgreSQL (pgcrypto): encrypt(data, key, type);
    # Dremio, Netezza, Db2: the same order; MySQL: ENCRYPT(str, salt). ClickHouse and H2 take the
    # mode first: there, what is encrypted is where others take the key.
    _each("encrypt encrypt_aes encrypt_tdes des_encrypt", "(value, [key], ...)")
    # MySQL, Spark, Hive, Impala, Doris, StarRocks, Dremio. Spark puts the IV before the result.
    | _each("aes_encrypt sm4_encrypt", "(value, key, ...)")
    | _each("aes_encrypt_mysql", "(mode, value, key, [iv])")  # ClickHouse
    | _each("encrypt_iv encrypt_raw", "(value, key, iv, ...)")  # pgcrypto, Snowflake
    | _each("fpe_encrypt", "(value, key, iv, length)")  # Netezza SQL Extensions
    | _each("dbms_crypto.encrypt", "(value, algorithm, key, [iv])")  # Oracle
    # PostgreSQL (pgcrypto).
    | _each(
        """
        pgp_sym_encrypt pgp_sym_encrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea
        """,
        "(value, key, [options])",
    )
    # SQL Server; an authenticator is encrypted with the value.
    | _each("encryptbykey encryptbypassphrase", "(key, value, [flag], [value])")
    | _each("encryptbycert encryptbyasymkey", "(key, value)")
    # BigQuery; additional data is authenticated and not in the result, a surrogate begins it.
    | _each("aead.encrypt deterministic_encrypt", "(keyset, value, value)")
    | _each("dlp_deterministic_encrypt", "(key, value, surrogate, [context])"),
    "without the key, the value cannot be read",
    inverses=frozenset({"decrypt", "decipher"}),
    caveat=(
        "whoever has the key reads it, and a key that is written in the function is known to all "
        "who read the lineage"
    ),
)

_REDACTION = MaskingRule(
    "redaction",
    # Databricks, Spark and Hive: mask keeps each class of characters that nothing replaces, and by
    # itself replaces letters and digits alone, of which some alphabets have neither.
    _each("mask", "(value, character, character, character, character)")
    | _each("mask_full", "(value)"),  # GaussDB (DWS): a constant
    "every character of the value is replaced, whatever it is",
    caveat="the length of a value, and where it has capitals and digits, may still be seen",
)

_COUNT = MaskingRule(
    "count",
    _each("count count_distinct", "(column, ...)")
    | _each("count_big", "(column)")  # SQL Server
    # Spark, Snowflake, BigQuery, SQL Server; Trino: approx_distinct; Impala: NDV; ClickHouse:
    # uniqExact, but not uniq, which lists what is different in other languages.
    | _each("approx_count_distinct uniqexact", "(column, ...)")
    | _each("approx_distinct ndv", "(column, [precision])"),
    "the number of values holds none of them",
    caveat="counted for each person, it is whether that one has a value",
)

STATED = MaskingRule(
    "stated",
    frozenset(),
    "the evidence says that the value is hidden",
    inverses=_ENCRYPTION.inverses | {"depseudonym", "detoken", "reidentif", "unmask"},
    caveat="it does not say how",
)
"""What hides a value where no function is known to, but an OpenLineage event says `masking`."""

RULES: tuple[MaskingRule, ...] = (
    _KEYED_HASH,
    _DIGEST,
    _ENCRYPTION,
    _REDACTION,
    _COUNT,
    STATED,
)
"""The rules that come with the library, in the order they are tried."""

CONDUCTING: tuple[ConductingRule, ...] = (
    ConductingRule(
        "case",
        _each("lower upper initcap lcase ucase casefold"),
        "the value is still there to read, in small or large letters",
    ),
    ConductingRule(
        "trimming and padding",
        _each("trim ltrim rtrim btrim lpad rpad reverse"),
        "only what is around the value changes, or the order of its letters",
    ),
    ConductingRule(
        "part of the value",
        _each(
            """
            left right substr substring mid split_part regexp_extract regexp_substr date_trunc trunc
            year month day extract date_part length len char_length soundex
            """
        ),
        "a part of a name, a number or a date of birth may be all that is needed",
    ),
    ConductingRule(
        "partial mask",
        # Spark and Hive: mask and its like; SQL Server: partial, email; MySQL Enterprise:
        # mask_inner and its like; Snowflake: AI_REDACT; Databricks: ai_mask; Oracle: DBMS_REDACT.
        _each(
            """
            mask mask_first_n mask_last_n mask_show_first_n mask_show_last_n mask_partial mask_none
            mask_inner mask_outer mask_pan mask_pan_relaxed mask_ssn partial email ai_mask ai_redact
            dbms_redact.partial dbms_redact.regexp
            """
        ),
        "what is not replaced is shown, and may be all of it",
    ),
    ConductingRule(
        "coarse value",
        # PostgreSQL Anonymizer: anon.generalize_int4range takes the width of a range.
        _each(
            """
            width_bucket ntile time_bucket date_bin anon.generalize_int4range
            anon.generalize_int8range anon.generalize_numrange anon.generalize_daterange
            """
        ),
        "a range is still known of everybody, and one person may be alone in it",
    ),
    ConductingRule(
        "concatenation",
        _each("concat concat_ws array array_construct struct named_struct"),
        "the value is in the result, beside others",
    ),
    ConductingRule(
        "cast",
        _each(
            """
            cast try_cast safe_cast convert try_convert to_char to_varchar to_string to_number
            to_date str string
            """
        ),
        "the value is the same, in another type",
    ),
    ConductingRule(
        "encoding",
        _each(
            """
            hex to_hex hex_encode base64 to_base64 base64_encode encode url_encode to_json to_utf8
            compress
            """
        ),
        "anyone can decode it, no key is needed",
    ),
    ConductingRule(
        "choice",
        _each("coalesce ifnull nvl isnull nullif greatest least if iff iif nvl2"),
        "the result is one of the values given, or is which of them holds a condition",
    ),
    ConductingRule(
        "count of a condition",
        # Counts of what is computed; Spark, Snowflake, Trino, DuckDB: count_if; BigQuery:
        # COUNTIF; ClickHouse: the combinator -If; PostgreSQL: bool_or; BigQuery: LOGICAL_OR.
        _each(
            """
            count count_big count_distinct approx_count_distinct approx_distinct ndv uniq uniqexact
            count_if countif sumif avgif minif maxif anyif uniqif uniqexactif grouparrayif
            bool_or bool_and every logical_or logical_and
            """
        ),
        "of a group of one, it is whether that one holds the condition",
    ),
    ConductingRule(
        "extreme",
        _each("min max any_value arbitrary first last first_value last_value mode median"),
        "the result is the value of somebody",
    ),
    ConductingRule(
        "collection",
        _each(
            """
            array_agg collect_list collect_set group_concat grouparray list listagg string_agg
            json_agg
            """
        ),
        "every value is in the result",
    ),
    ConductingRule(
        "arithmetic",
        _each("abs ceil ceiling floor round sum avg mean"),
        "the value of a group of one is that one's; a rounded salary is a salary",
    ),
    ConductingRule(
        "checksum",
        # Snowflake, Spark and DuckDB: HASH, of 32 or 64 bits; Oracle: ORA_HASH; Redshift: FNV_HASH.
        _each(
            """
            checksum binary_checksum crc32 farm_fingerprint fnv_hash hash murmur_hash ora_hash
            xxhash64 cityhash64 siphash64
            """
        ),
        "it is short and made to be fast: values are found by trying, and chosen to collide",
    ),
)
"""What does not mask, however often it is taken for masking."""
