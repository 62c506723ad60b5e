"""Free ports."""

import socket

from tests.peers.ports import HOST, free_ports


def test_no_port_is_handed_out_twice() -> None:
    ports = free_ports(5) + free_ports(5)
    assert len(set(ports)) == 10


def test_a_taken_port_is_left_out() -> None:
    (first,) = free_ports(1)
    with socket.create_server((HOST, first + 1)):
        assert first + 1 not in free_ports(3)


def test_they_can_be_bound() -> None:
    for port in free_ports(3):
        socket.create_server((HOST, port)).close()
