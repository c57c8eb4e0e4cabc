"""What kind of address this is, and which address a host names literally, in any of the ways of writing it.

It knows the special-purpose registries of IANA by itself where an older Python does not, and looks into the IPv6 forms
that carry an IPv4 address.
"""

import ipaddress
import socket

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # everything public is in here; the rest is reserved, or not routed
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SPECIAL = (
    (ipaddress.IPv6Network("fec0::/10"), "a site-local address"),
    (ipaddress.IPv6Network("3fff::/20"), "an address for documentation"),
    (ipaddress.IPv6Network("2001::/32"), "a Teredo address"),
    (ipaddress.IPv6Network("2002::/16"), "a 6to4 address"),
    (ipaddress.IPv4Network("192.88.99.0/24"), "a 6to4 relay"),
    (ipaddress.IPv4Network("192.0.0.0/24"), "an address of the IETF's protocols"),
)
ISATAP = (0x00005EFE, 0x02005EFE)  # the third quarter of an address in which an IPv4 address follows
METADATA = {
    "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16", "192.0.0.192",
    "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
}  # fmt: skip


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
    """The IPv4 address inside an IPv6 form of it (mapped, compatible, 6to4, Teredo, NAT64, ISATAP), or itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    compatible = int(address) >> 32 == 0 and int(address) > 1
    if address in NAT64 or compatible or (int(address) >> 32) & 0xFFFFFFFF in ISATAP:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address


def not_public(address: Address) -> str | None:
    """What kind of non-public address this is, as the end of a sentence, or None for a public one."""
    inner = unwrapped(address)
    if {str(address), str(inner)} & METADATA:
        return f"{address} is a cloud metadata address"
    for kind in ("loopback", "link_local", "unspecified", "multicast", "private"):
        if getattr(inner, f"is_{kind}"):
            return f"{address} is a {kind.replace('_', '-')} address"
    for one in (inner, address):
        for network, kind in SPECIAL:
            if one in network:
                return f"{address} is {kind}"
    if inner.is_reserved:
        return f"{address} is a reserved address"
    mapped = isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped or address in NAT64)
    if not inner.is_global or (address.version == 6 and not mapped and address not in GLOBAL_UNICAST):
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
