"""Addresses of clients and of the proxies before us: who a request comes from.

Owns the reading of forwarded headers. It must never believe a header of a peer that is not a
trusted proxy.
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from api.setting_values import WrongValueError
from workflow.messages import lazy

_HOUSEHOLD_BITS = 64
_MAPPED_BITS = 96
"""The prefix of IPv4 addresses written as IPv6 (RFC 4291 §2.5.5.2)."""
_LONGEST_CHAIN = 20
"""Proxies behind each other that are believed; a longer chain is somebody's play."""
_WIDEST = {4: 8, 6: 16}
"""Bits that a network needs at least; fewer take in addresses of everybody."""
_OWN_WIDE = (IPv6Network("fc00::/7"), IPv6Network("fe80::/10"))
"""IPv6's ranges for private networks and links, wide as they are (RFC 4193, RFC 4291 §2.5.6)."""


def counted_as(host: str) -> str:
    """Return what a limit counts an address as: itself; of IPv6 the subscriber's network."""
    address = _address(host)
    if isinstance(address, IPv6Address):
        return str(IPv6Address(int(address) >> _HOUSEHOLD_BITS << _HOUSEHOLD_BITS)) + "/64"
    return str(address or host)


class Proxies:
    """The proxies that are trusted to say who asks through them; without any nobody is believed."""

    def __init__(self, networks: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._networks = tuple(networks)

    def is_trusted(self, host: str) -> bool:
        """Return whether ``host`` is the address of a trusted proxy."""
        address = _address(host)
        return address is not None and self._has(address)

    def client_of(self, peer: str, forwarded: str) -> str:
        """Return the rightmost address that no trusted proxy has, ``peer`` being the last.

        Each proxy adds on the right whom it saw, so all that stands left of the first stranger is
        the stranger's word. A part that is no address makes the header worth nothing.
        """
        client = _address(peer)
        if client is None or not self._has(client):
            return peer
        for part in reversed(forwarded.split(",")[-_LONGEST_CHAIN:]):
            address = _address(_without_port(part.strip()))
            if address is None:
                return peer
            client = address
            if not self._has(address):
                break
        return str(client)

    def _has(self, address: IPv4Address | IPv6Address) -> bool:
        return any(
            address in network for network in self._networks if network.version == address.version
        )


def parse_proxies(text: str) -> Proxies:
    """Return the proxies of ``THIDUA_TRUSTED_PROXIES``: addresses or networks, with commas.

    Raises WrongValueError, also where a network is so wide that everybody would be believed.
    """
    parts = filter(None, (each.strip() for each in text.split(",")))
    return Proxies([_network(part) for part in parts])


def _network(part: str) -> IPv4Network | IPv6Network:
    try:
        network = ip_network(part)
    except ValueError:
        raise WrongValueError(
            lazy(
                "“{part}” is no IP address or network; write for example 127.0.0.1 "
                "or 10.0.0.0/8, with commas between",
                part=part[:60],
            )
        ) from None
    if isinstance(network, IPv6Network):
        mapped = network.network_address.ipv4_mapped
        if mapped is not None and network.prefixlen >= _MAPPED_BITS:
            network = IPv4Network((mapped, network.prefixlen - _MAPPED_BITS))
    if network.prefixlen >= _WIDEST[network.version] or _is_own(network):
        return network
    raise WrongValueError(
        lazy(
            "“{part}” is so wide that everybody would be believed; write the addresses of "
            "your own proxies, for example 127.0.0.1 or 10.0.0.0/8",
            part=part[:60],
        )
    )


def _is_own(network: IPv4Network | IPv6Network) -> bool:
    return isinstance(network, IPv6Network) and any(map(network.subnet_of, _OWN_WIDE))


def _without_port(text: str) -> str:
    """Return an address without the port that some proxies write behind it."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


@lru_cache(maxsize=64)
def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
