"""TLS, on both sides of a connection."""

from typing import Annotated, Literal

from culver.config.settings import FileContent, Secret, Settings, doc


class SslSettings(Settings):
    """TLS towards clients."""

    ssl: Annotated[
        Literal["yes", "no", "required"],
        doc("Whether there is TLS; `required` also refuses a login without it"),
    ] = "yes"
    ssl_cert: Annotated[
        FileContent, doc("Certificate chain, PEM", example="</etc/dovecot/cert.pem")
    ] = FileContent()
    ssl_key: Annotated[
        Secret, doc("Private key of ssl_cert, PEM", example="</etc/dovecot/key.pem")
    ] = Secret()
    ssl_alt_cert: Annotated[FileContent, doc("A second certificate, of another algorithm")] = (
        FileContent()
    )
    ssl_alt_key: Annotated[Secret, doc("Private key of ssl_alt_cert")] = Secret()
    ssl_key_password: Annotated[Secret, doc("Password of ssl_key")] = Secret()
    ssl_ca: Annotated[FileContent, doc("Authorities that sign the certificates of clients")] = (
        FileContent()
    )
    ssl_dh: Annotated[FileContent, doc("Diffie-Hellman parameters, PEM")] = FileContent()
    ssl_min_protocol: Annotated[
        str,
        doc(
            "Lowest version of TLS", allowed="ANY, SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3, LATEST"
        ),
    ] = "TLSv1.2"
    ssl_cipher_list: Annotated[str, doc("Ciphers up to TLS 1.2, as OpenSSL writes them")] = (
        "ALL:!kRSA:!SRP:!kDHd:!DSS:!aNULL:!eNULL:!EXPORT:!DES:!3DES:!MD5:!PSK:!RC4:!ADH:"
        "!LOW@STRENGTH"
    )
    ssl_cipher_suites: Annotated[str, doc("Ciphers of TLS 1.3; empty = those of OpenSSL")] = ""
    ssl_curve_list: Annotated[str, doc("Curves; empty = those of OpenSSL")] = ""
    ssl_prefer_server_ciphers: Annotated[
        bool, doc("Whether the order of ssl_cipher_list counts, not the client's")
    ] = False
    ssl_options: Annotated[
        str, doc("Further options, parted by spaces", allowed="compression, no_ticket")
    ] = ""
    ssl_verify_client_cert: Annotated[
        bool, doc("Whether a client is asked for its certificate")
    ] = False
    ssl_require_crl: Annotated[bool, doc("Whether ssl_ca must have revocation lists")] = True
    ssl_cert_username_field: Annotated[
        str, doc("Field of a client's certificate that names the user")
    ] = "commonName"


class SslClientSettings(Settings, prefix="ssl_client"):
    """TLS towards other servers."""

    ca_file: Annotated[str, doc("File of trusted authorities")] = ""
    ca_dir: Annotated[str, doc("Directory of trusted authorities")] = ""
    cert: Annotated[FileContent, doc("Certificate that is shown to servers")] = FileContent()
    key: Annotated[Secret, doc("Private key of ssl_client_cert")] = Secret()
    require_valid_cert: Annotated[bool, doc("Whether a server's certificate must be valid")] = True
