"""The masking rules: which functions hide the value they are given, and which do not.

Two tables, each entry with its reason. `RULES` hide. `CONDUCTING` are functions that many take
for masking, or that stand around it: they let the value through, but cannot bring back what is
hidden already. What is in neither table is unknown, and conducts.

Names are in lower case, as databases and engines spell them. A name with a dot is taken as a
whole, so that `udf.sha256` is not `sha256`.
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
        Names of functions, in lower case.
    reason : str
        Why the value cannot be read from the result.
    inverses : frozenset of str
        Functions that bring the value back. Where one is used further downstream, the rule
        hides nothing.
    needs_k : bool
        Whether the call must state, as a whole number of at least 2, how many records are made
        alike; without it, it hides nothing.
    """

    name: str
    functions: frozenset[str]
    reason: str
    inverses: frozenset[str] = frozenset()
    needs_k: bool = False


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


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


STATED = MaskingRule("stated", frozenset(), "the evidence says that the value is hidden")
"""What hides a value where no function tells, but an OpenLineage event says `masking`."""

RULES: tuple[MaskingRule, ...] = (
    MaskingRule(
        "digest",
        _names(
            """
            md5 md5_hex md5_binary sha sha1 sha1_hex sha1_binary sha2 sha2_hex sha2_binary
            sha224 sha256 sha384 sha512 sha3 sha3_256 sha3_512 blake2b blake2s blake3
            digest hashbytes standard_hash bcrypt scrypt argon2 pbkdf2
            """
        ),
        "a digest cannot be turned back into the value",
    ),
    MaskingRule(
        "keyed hash",
        _names("hmac hmac_md5 hmac_sha1 hmac_sha224 hmac_sha256 hmac_sha384 hmac_sha512"),
        "without the key, the value cannot even be guessed and compared",
    ),
    MaskingRule(
        "tokenisation",
        _names(
            """
            pseudonymize pseudonymise tokenize_pii tokenise_pii tokenize_value tokenise_value
            vault_tokenize
            """
        ),
        "the token is drawn, not computed; only the vault knows what it stands for",
        inverses=_names(
            """
            depseudonymize depseudonymise reidentify detokenize detokenise detokenize_pii
            detokenise_pii detokenize_value detokenise_value vault_detokenize
            """
        ),
    ),
    MaskingRule(
        "encryption",
        _names(
            """
            encrypt encrypt_raw encrypt_iv aes_encrypt encrypt_aes des_encrypt
            pgp_sym_encrypt pgp_sym_encrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea
            encryptbykey encryptbypassphrase encryptbycert encryptbyasymkey
            aead.encrypt deterministic_encrypt dlp_deterministic_encrypt fpe_encrypt
            """
        ),
        "without the key, the value cannot be read",
        inverses=_names(
            """
            decrypt decrypt_raw decrypt_iv try_decrypt try_decrypt_raw aes_decrypt
            try_aes_decrypt decrypt_aes des_decrypt
            pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_pub_decrypt pgp_pub_decrypt_bytea
            decryptbykey decryptbykeyautocert decryptbykeyautoasymkey decryptbypassphrase
            decryptbycert decryptbyasymkey
            aead.decrypt_string aead.decrypt_bytes deterministic_decrypt_string
            deterministic_decrypt_bytes dlp_deterministic_decrypt fpe_decrypt
            """
        ),
    ),
    MaskingRule(
        "redaction",
        _names("redact mask mask_hash nullify"),
        "the value is replaced by something that does not depend on it",
    ),
    MaskingRule(
        "count",
        _names(
            """
            count count_big count_distinct count_if countif approx_count_distinct
            approx_distinct
            """
        ),
        "how many values there are tells none of them",
    ),
    MaskingRule(
        "suppression",
        _names("suppress suppress_below suppress_rare suppress_small_counts"),
        "values that fewer than k records share are left out",
        needs_k=True,
    ),
    MaskingRule(
        "generalisation",
        _names("k_anonymize k_anonymise generalize generalise microaggregate"),
        "the value is made coarse until k records share it",
        needs_k=True,
    ),
    STATED,
)
"""The rules that come with the library, in the order they are tried."""

CONDUCTING: tuple[ConductingRule, ...] = (
    ConductingRule(
        "case",
        _names("lower upper initcap lcase ucase casefold"),
        "the value is still there to read, in small or large letters",
    ),
    ConductingRule(
        "trimming and padding",
        _names("trim ltrim rtrim btrim lpad rpad reverse"),
        "only what stands around the value changes, or the order of its letters",
    ),
    ConductingRule(
        "part of the value",
        _names(
            """
            left right substr substring mid split_part date_trunc trunc year month day extract
            date_part
            """
        ),
        "a part of a name, a number or a date of birth may be all that is needed",
    ),
    ConductingRule(
        "partial mask",
        _names("mask_first_n mask_last_n mask_show_first_n mask_show_last_n partial"),
        "what is not masked is shown, and may be most of it",
    ),
    ConductingRule(
        "concatenation",
        _names("concat concat_ws array array_construct struct named_struct"),
        "the value is in the result, beside others",
    ),
    ConductingRule(
        "cast",
        _names(
            """
            cast try_cast safe_cast convert to_char to_varchar to_string to_number to_date str
            string
            """
        ),
        "the value is the same, in another type",
    ),
    ConductingRule(
        "encoding",
        _names("hex to_hex hex_encode base64 to_base64 base64_encode encode url_encode to_json"),
        "anyone can decode it, no key is needed",
    ),
    ConductingRule(
        "choice",
        _names("coalesce ifnull nvl isnull nullif greatest least"),
        "the result is one of the values given",
    ),
    ConductingRule(
        "extreme",
        _names("min max any_value arbitrary first last first_value last_value mode median"),
        "the result is the value of somebody",
    ),
    ConductingRule(
        "collection",
        _names(
            """
            array_agg collect_list collect_set group_concat list listagg string_agg json_agg
            """
        ),
        "every value is in the result",
    ),
    ConductingRule(
        "arithmetic",
        _names("abs ceil ceiling floor round sum avg mean"),
        "the value of a group of one is that one's; a rounded salary is a salary",
    ),
    ConductingRule(
        "checksum",
        _names("checksum crc32 farm_fingerprint fnv_hash hash murmur_hash ora_hash xxhash64"),
        "it is short and made to be fast: values are found by trying, and chosen to collide",
    ),
)
"""What does not mask, however often it is taken for masking."""
