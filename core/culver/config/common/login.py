"""What happens before a login, and who is trusted."""

from typing import Annotated

from culver.config.settings import Duration, IpList, Settings, SpaceList, TemplateString, doc


class LoginSettings(Settings):
    """What happens before a login, and who is trusted."""

    login_greeting: Annotated[str, doc("Text of the greeting")] = "Dovecot ready."
    login_trusted_networks: Annotated[
        IpList,
        doc("Networks of proxies: they may log in without TLS and say where a client is from"),
    ] = IpList()
    login_log_format: Annotated[
        TemplateString, doc("A login's line: %$ is what happened, %s the elements")
    ] = TemplateString("%$: %s")
    login_log_format_elements: Annotated[
        TemplateString,
        doc(
            "Elements of a login's line, parted by spaces; one whose variable is empty is left out"
        ),
    ] = TemplateString("user=<%u> method=%m rip=%r lip=%l mpid=%e %c session=<%{session}>")
    login_access_sockets: Annotated[
        SpaceList, doc("Sockets that are asked whether an address may connect")
    ] = SpaceList()
    login_source_ips: Annotated[
        SpaceList, doc("Addresses that a proxy connects from, used in turn")
    ] = SpaceList()
    haproxy_trusted_networks: Annotated[
        IpList, doc("Networks from which the PROXY protocol is believed")
    ] = IpList()
    haproxy_timeout: Annotated[Duration, doc("How long the PROXY header may take")] = Duration(3)
    disable_plaintext_auth: Annotated[
        bool, doc("Whether a password in clear text needs TLS or a trusted network")
    ] = True
