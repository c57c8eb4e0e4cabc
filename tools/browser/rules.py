"""Which hosts and addresses the browser may reach: the public web, and what the operator allows.

In goes the name that was asked for and the address it leads to; out comes None or the reason why not.
It decides, it does not connect: egress.py does both as one act.
"""

import ipaddress
import socket
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
METADATA = {"169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254", "168.63.129.16", "192.0.0.192"}
METADATA_NAMES = {"metadata", "metadata.google.internal", "metadata.goog", "instance-data"}


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of a host list: a name or a literal address, `*.` for subdomains, and a port or None for any."""

    host: str
    port: int | None

    @classmethod
    def parse(cls, entry: str) -> "HostRule":
        """`host`, `host:port`, `[::1]:port`, `*.corp.example`. Raises ValueError that says what is wrong."""
        text = entry.strip().lower()
        if text.startswith("["):
            host, _, rest = text[1:].partition("]")
            port = rest.removeprefix(":")
        elif text.count(":") > 1:
            host, port = text, ""
        else:
            host, _, port = text.partition(":")
        if not host or "/" in host or (port and not (port.isdigit() and 0 < int(port) < 65536)):
            raise ValueError(f"{entry!r} is not host or host:port")
        return cls(plain_host(host), int(port) if port else None)

    def covers(self, host: str, port: int) -> bool:
        """Whether this very host (or, after `*.`, a subdomain) and port are meant."""
        if self.port not in (None, port):
            return False
        if self.host.startswith("*."):
            return host.endswith(self.host[1:])
        return host == self.host


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's two lists, on top of what is always refused."""

    allow: tuple[HostRule, ...] = ()
    deny: tuple[HostRule, ...] = ()

    @classmethod
    def of(cls, allow: tuple[str, ...], deny: tuple[str, ...]) -> "Rules":
        return cls(tuple(map(HostRule.parse, allow)), tuple(map(HostRule.parse, deny)))

    def allowed(self, host: str, port: int) -> bool:
        """Whether the operator named this host: by the name asked for, so that no other name leads there."""
        return any(rule.covers(plain_host(host), port) for rule in self.allow)

    def refuse_name(self, host: str, port: int) -> str | None:
        """Why this name may not even be looked up, or None."""
        host = plain_host(host)
        for rule in self.deny:
            if rule.covers(host, port) or HostRule(f"*.{rule.host}", rule.port).covers(host, port):
                return "the operator of this server denies it"
        if (host == "localhost" or host.endswith(".localhost")) and not self.allowed(host, port):
            return "it is a loopback name"
        if host in METADATA_NAMES and not self.allowed(host, port):
            return "it is a cloud metadata service"
        literal = literal_address(host)
        return self.refuse_address(host, port, literal) if literal else None

    def refuse_address(self, host: str, port: int, address: Address) -> str | None:
        """Why this address may not be connected to for this name, or None."""
        if any(rule.covers(str(address), port) for rule in self.deny):
            return "the operator of this server denies it"
        if self.allowed(host, port):
            return None
        return not_public(address)


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, no brackets, no final dot, literal addresses in their one short form."""
    host = host.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
    literal = literal_address(host)
    return str(literal) if literal else host


def literal_address(host: str) -> Address | None:
    """The address that a host names literally, in any form that the C library reads (2130706433, 0x7f.1, 017…)."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not host or host[0] not in "0123456789":
        return None
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError, ValueError):
        return None


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 form of it (mapped, compatible, 6to4, Teredo, NAT64), or the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def not_public(address: Address) -> str | None:
    """What kind of non-public address this is, as the end of a sentence, or None for a public one."""
    inner = unwrapped(address)
    if str(inner) in METADATA:
        return f"{address} is a cloud metadata address"
    for kind in ("loopback", "link_local", "unspecified", "multicast", "private", "reserved"):
        if getattr(inner, f"is_{kind}"):
            return f"{address} is a {kind.replace('_', '-')} address"
    if not inner.is_global:
        return f"{address} is not a public address"
    if ours(inner):
        return f"{address} is an address of the machine this browser runs on"
    return None


def ours(address: Address) -> bool:
    """Whether the address is one of this machine's: then the kernel would send from the same address."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 9))  # a datagram socket: no packet is sent
            return bool(probe.getsockname()[0] == str(address))
    except OSError:
        return False
