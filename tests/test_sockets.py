"""No test reaches the network."""

import socket

import pytest
from pytest_socket import SocketBlockedError, SocketConnectBlockedError

# pytest-socket warns before it refuses, and warnings are errors here; it is the refusal that is looked at.
pytestmark = pytest.mark.filterwarnings("ignore:A test tried to use socket")


def test_sockets_are_closed() -> None:
    """A test that asks for nothing opens no socket."""
    with pytest.raises(SocketBlockedError):
        socket.socket()


@pytest.mark.loopback
def test_loopback_stays_on_this_machine() -> None:
    """A test that asks for the loopback reaches this machine and no other."""
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    with socket.socket() as elsewhere, pytest.raises(SocketConnectBlockedError):
        elsewhere.connect(("192.0.2.1", 80))
