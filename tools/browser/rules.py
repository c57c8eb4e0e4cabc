"""Which hosts and addresses the browser may reach: the public web, and what the operator allows.

In goes the name that was asked for and the address it leads to; out comes None or the reason why not.
It decides, it does not connect: egress.py does both as one act.
"""

import ipaddress
import re
from dataclasses import dataclass

from tools.browser.addresses import Address, Network, literal_address, not_public, unwrapped

METADATA_NAMES = {
    "metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.internal", "metadata.azure.com",
    "metadata.tencentyun.com", "instance-data", "instance-data.ec2.internal",
}  # fmt: skip
NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
ENTRY = re.compile(
    r"(?P<star>\*\.)?(?P<host>(?P<v6>\[[^\]]*\]|[^\[\]]*:[^\[\]]*:[^\[\]]*)|[^:\[\]]+)(:(?P<port>[0-9]{1,5}))?"
)
HOSTS = "host, host:port, *.domain, *.domain:port or a network such as 10.0.0.0/8"
# Ports of other protocols, which browsers refuse (https://fetch.spec.whatwg.org/#port-blocking): what a page makes
# Chromium send there by other ways than HTTP would be an attack on a third party in our name.
OTHER_PROTOCOLS = {
    1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109,
    110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530,
    531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190,
    5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostRule:
    """One entry of a list: a name or literal address, `*.` for subdomains, a port or None for any; or a network."""

    host: str
    port: int | None
    network: Network | None = None

    @classmethod
    def parse(cls, entry: str) -> "HostRule":
        """`host`, `host:port`, `[::1]:port`, `*.corp.example`, `10.0.0.0/8`. Raises ValueError for anything else."""
        text = entry.strip().lower()
        if "/" in text:
            return cls(text, None, _network(entry))
        found = ENTRY.fullmatch(text)
        host = _wire(found) if found else None
        port = int(found["port"]) if found and found["port"] else None
        if not host or port == 0 or (port or 0) > 65535:
            raise ValueError(f"{entry!r} is none of {HOSTS}")
        return cls(host, port)

    def covers(self, host: str, port: int) -> bool:
        """Whether this host and port are meant: the very host, after `*.` a subdomain, an address in a network."""
        if self.port not in (None, port):
            return False
        if self.network:
            address = literal_address(host)
            return address is not None and unwrapped(address) in self.network
        if self.host.startswith("*."):
            return host.endswith(self.host[1:])
        return host == self.host

    def covers_below(self, host: str, port: int) -> bool:
        """Whether this host, or one above it, is meant."""
        return self.covers(host, port) or (
            not self.network and HostRule(f"*.{self.host}", self.port).covers(host, port)
        )


@dataclass(frozen=True, slots=True)
class Rules:
    """The operator's lists, on top of what is always refused. What is denied stays denied, whatever else allows it."""

    allow: tuple[HostRule, ...] = ()
    deny: tuple[HostRule, ...] = ()
    only: tuple[HostRule, ...] = ()

    @classmethod
    def of(cls, allow: tuple[str, ...], deny: tuple[str, ...], only: tuple[str, ...] = ()) -> "Rules":
        return cls(*(tuple(map(HostRule.parse, entries)) for entries in (allow, deny, only)))

    def allowed(self, host: str, port: int) -> bool:
        """Whether the operator named this host: by the name asked for, so that no other name leads there."""
        return any(rule.covers(plain_host(host), port) for rule in self.allow)

    def refuse_name(self, host: str, port: int) -> str | None:
        """Why this name may not even be looked up, or None."""
        host = plain_host(host)
        if any(rule.covers_below(host, port) for rule in self.deny):
            return "the operator of this server denies it"
        if self.allowed(host, port):
            return None
        if self.only and not any(rule.covers(host, port) for rule in self.only):
            return "it is not among the hosts that the operator of this server names"
        if host == "localhost" or host.endswith((".localhost", ".localdomain")):
            return "it is a loopback name"
        if host in METADATA_NAMES:
            return "it is a cloud metadata service"
        if port in OTHER_PROTOCOLS:
            return "that port is for another protocol than the web's"
        literal = literal_address(host)
        return self.refuse_address(host, port, literal) if literal else None

    def refuse_address(self, host: str, port: int, address: Address) -> str | None:
        """Why this address may not be connected to for this name, or None."""
        forms = {str(address), str(unwrapped(address))}
        if any(rule.covers(form, port) for rule in self.deny for form in forms):
            return "the operator of this server denies it"
        if self.allowed(host, port):
            return None
        return not_public(address)


def plain_host(host: str) -> str:
    """A host as it is compared: lower case, no brackets, no final dot, literal addresses in their one short form."""
    host = host.strip().lower().removeprefix("[").removesuffix("]").rstrip(".")
    literal = literal_address(host)
    return str(literal) if literal else host


def is_host(host: str) -> bool:
    """Whether this is a name or an address that may be looked up: nothing that a resolver might read in its own way."""
    host = plain_host(host)
    return literal_address(host) is not None or (len(host) < 254 and NAME.fullmatch(host) is not None)


def _wire(entry: re.Match[str]) -> str | None:
    """The host of an entry as it goes over the wire, or None if it is none."""
    host = plain_host(entry["host"])
    if entry["v6"]:
        return host if literal_address(host) else None
    try:
        host = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return None
    return f"{entry['star'] or ''}{host}" if NAME.fullmatch(host) else None


def _network(entry: str) -> Network:
    try:
        return ipaddress.ip_network(entry.strip())
    except ValueError as error:
        raise ValueError(f"{entry!r} is none of {HOSTS}") from error
