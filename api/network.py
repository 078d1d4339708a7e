"""Addresses of clients and of the proxies before us: who a request comes from, and what may be believed of it.

Owns the reading of forwarded headers. It must never believe a header of a peer that is not a trusted proxy.
"""

from ipaddress import IPv6Address, ip_address

_HOUSEHOLD_BITS = 64


def counted_as(host: str) -> str:
    """Return what a limit counts an address as: itself; of IPv6 the network that one subscriber has whole."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(IPv6Address(int(address) >> _HOUSEHOLD_BITS << _HOUSEHOLD_BITS)) + "/64"
    return str(address)
