"""Authentication: mechanisms, names of users, cache, penalties; and the chains of databases."""

from typing import Annotated, Literal, TypeAlias

from culver.config.settings import (
    Block,
    Duration,
    Secret,
    Settings,
    Size,
    SpaceList,
    TemplateString,
    Url,
    doc,
)

_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890.-_@"

# What a database's answer means for the chain (R3: result_success and its kin).
Result: TypeAlias = Literal[
    "return-ok", "return", "return-fail", "continue", "continue-ok", "continue-fail"
]


class AuthSettings(Settings, prefix="auth"):
    """How users are known."""

    mechanisms: Annotated[SpaceList, doc("SASL mechanisms", example="plain login")] = SpaceList(
        ("plain",)
    )
    realms: Annotated[SpaceList, doc("Realms that DIGEST-MD5 and GSSAPI offer")] = SpaceList()
    default_realm: Annotated[str, doc("Domain of a user who gives none")] = ""
    username_format: Annotated[
        TemplateString, doc("How a name is written before it is looked up")
    ] = TemplateString("%Lu")
    username_chars: Annotated[str, doc("Characters a name may have; empty = all")] = _CHARACTERS
    username_translation: Annotated[
        str, doc("Pairs of characters, each first one replaced by its second", example="#@/@")
    ] = ""
    master_user_separator: Annotated[
        str, doc("What parts the user from the master user in a name", example="*")
    ] = ""
    anonymous_username: Annotated[str, doc("User of the mechanism ANONYMOUS")] = "anonymous"
    failure_delay: Annotated[Duration, doc("How long a failed login waits for its answer")] = (
        Duration(2)
    )
    cache_size: Annotated[Size, doc("Room for cached answers; 0 = no cache", unit="bytes")] = Size(
        0
    )
    cache_ttl: Annotated[Duration, doc("How long a found user is cached")] = Duration(3600)
    cache_negative_ttl: Annotated[
        Duration, doc("How long a missing user or wrong password is cached; 0 = not at all")
    ] = Duration(3600)
    cache_verify_password_with_worker: Annotated[
        bool, doc("Whether cached passwords are verified in another process")
    ] = False
    verbose: Annotated[bool, doc("Whether failed logins are logged with their reason")] = False
    verbose_passwords: Annotated[
        str, doc("Wrong passwords in the log", allowed="no, plain, sha1, and :LENGTH behind")
    ] = "no"
    debug: Annotated[bool, doc("Whether each step is logged")] = False
    debug_passwords: Annotated[bool, doc("Whether passwords are logged, too")] = False
    worker_max_count: Annotated[int, doc("Processes of blocking lookups")] = 30
    ssl_require_client_cert: Annotated[
        bool, doc("Whether a login needs a client's certificate")
    ] = False
    ssl_username_from_cert: Annotated[
        bool, doc("Whether the user is the one of the certificate")
    ] = False
    gssapi_hostname: Annotated[str, doc("Host name of GSSAPI; empty = the machine's")] = ""
    krb5_keytab: Annotated[str, doc("Keytab of GSSAPI; empty = the system's")] = ""
    use_winbind: Annotated[bool, doc("Whether NTLM and GSS-SPNEGO go through winbind")] = False
    winbind_helper_path: Annotated[str, doc("Program of use_winbind")] = "/usr/bin/ntlm_auth"
    proxy_self: Annotated[SpaceList, doc("Addresses to which a proxy does not connect")] = (
        SpaceList()
    )
    stats: Annotated[bool, doc("Obsolete; has no effect")] = False


class AuthPolicySettings(Settings, prefix="auth_policy"):
    """A server that is asked about every login (`weakforced`)."""

    server_url: Annotated[Url, doc("Its URL; empty = none is asked")] = Url()
    server_api_header: Annotated[str, doc("Header sent with each request")] = ""
    server_timeout_msecs: Annotated[int, doc("How long it may take", unit="ms")] = 2000
    hash_mech: Annotated[str, doc("Hash of the password it is told")] = "sha256"
    hash_nonce: Annotated[Secret, doc("Secret that is hashed with the password")] = Secret()
    hash_truncate: Annotated[int, doc("Length of the hash; 0 = all", unit="bits")] = 12
    request_attributes: Annotated[TemplateString, doc("What it is told")] = TemplateString(
        "login=%{requested_username} pwhash=%{hashed_password} remote=%{rip} "
        "device_id=%{client_id} protocol=%s session_id=%{session}"
    )
    reject_on_fail: Annotated[bool, doc("Whether a failed request refuses the login")] = False
    check_before_auth: Annotated[bool, doc("Whether it is asked before the password")] = True
    check_after_auth: Annotated[bool, doc("Whether it is asked after the password")] = True
    report_after_auth: Annotated[bool, doc("Whether it is told of the result")] = True
    log_only: Annotated[bool, doc("Whether its answer is only logged")] = False


class PassdbBlock(Block, section="passdb"):
    """A database of passwords. They are asked in the order of the file."""

    driver: Annotated[str, doc("Kind of database", example="passwd-file")] = ""
    args: Annotated[str, doc("What the driver is told", example="/etc/dovecot/users")] = ""
    default_fields: Annotated[str, doc("Fields before the lookup, name=value")] = ""
    override_fields: Annotated[str, doc("Fields that replace those of the lookup")] = ""
    mechanisms: Annotated[
        SpaceList, doc("Mechanisms it is for; empty = all, `none` = no one's")
    ] = SpaceList()
    username_filter: Annotated[
        SpaceList, doc("Names it is for, with wildcards; `!` before one excludes it")
    ] = SpaceList()
    skip: Annotated[
        Literal["never", "authenticated", "unauthenticated"],
        doc("When it is passed over"),
    ] = "never"
    result_success: Annotated[Result, doc("What a right password does")] = "return-ok"
    result_failure: Annotated[Result, doc("What a wrong password does")] = "continue"
    result_internalfail: Annotated[Result, doc("What a failed lookup does")] = "continue"
    deny: Annotated[bool, doc("Whether a user in it is refused")] = False
    pass_: Annotated[bool, doc("Whether a master user's target must be in the next one")] = False
    master: Annotated[bool, doc("Whether it holds master users")] = False
    auth_verbose: Annotated[
        Literal["default", "yes", "no"], doc("auth_verbose for this database alone")
    ] = "default"


class UserdbBlock(Block, section="userdb"):
    """A database of users' homes, ids and settings. They are asked in the order of the file."""

    driver: Annotated[str, doc("Kind of database", example="static")] = ""
    args: Annotated[str, doc("What the driver is told", example="uid=vmail home=/srv/%u")] = ""
    default_fields: Annotated[TemplateString, doc("Fields before the lookup, name=value")] = (
        TemplateString()
    )
    override_fields: Annotated[TemplateString, doc("Fields that replace those of the lookup")] = (
        TemplateString()
    )
    skip: Annotated[
        Literal["never", "found", "notfound"],
        doc("When it is passed over"),
    ] = "never"
    result_success: Annotated[Result, doc("What a found user does")] = "return-ok"
    result_failure: Annotated[Result, doc("What a missing user does")] = "continue"
    result_internalfail: Annotated[Result, doc("What a failed lookup does")] = "continue"
    auth_verbose: Annotated[
        Literal["default", "yes", "no"], doc("auth_verbose for this database alone")
    ] = "default"
