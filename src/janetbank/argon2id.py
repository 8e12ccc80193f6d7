"""Argon2id: made by argon2-cffi, verified by libsodium, a few at a time.

Both compute the same (RFC 9106).  libsodium has a core for each kind of processor and chooses when it is loaded;
argon2-cffi's has to run on all of them, and takes a tenth longer.  libsodium knows one lane only: where a hash was made
with more of them, or looks otherwise than ours do, argon2-cffi verifies.

Shape:  hashes are PHC strings (`$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`).
Units:  costs as in `policies.hashing`.
Errors: ValueError where a hash cannot be read, MemoryError where there is no memory to compute it in.
Source: standards.md C14; RFC 9106; docs/decisions/0011.
"""

import os
import re
from binascii import a2b_base64
from collections.abc import Callable
from hmac import compare_digest
from queue import SimpleQueue

from argon2 import PasswordHasher
from argon2.exceptions import HashingError, VerificationError, VerifyMismatchError
from nacl.exceptions import RuntimeError as SodiumError
from nacl.pwhash.argon2id import kdf

from janetbank.policies.hashing import Argon2Cost

_SALT_BYTES, _TAG_BYTES = 16, 32
_OURS = re.compile(r"\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,4}),p=1\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})", re.ASCII)
"""A hash of one lane, whatever else it cost."""


def libsodium(secret: bytes, salt: bytes, memory: int, passes: int) -> bytes:
    """The Argon2id of *secret* with *salt* (16 bytes), of one lane; *memory* in KiB."""
    return kdf(_TAG_BYTES, secret, salt, opslimit=passes, memlimit=memory * 1024)


class Argon2id:
    """Makes hashes of one *cost*, and verifies those of any.  Threads may share it.

    No more than *at_once* compute at one time, the others wait: more than there are cores would take each other's
    caches, and a crowd at the door would take all memory there is.
    """

    def __init__(
        self,
        cost: Argon2Cost,
        *,
        at_once: int | None = None,
        core: Callable[[bytes, bytes, int, int], bytes] = libsodium,
    ) -> None:
        self._library = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory,
            parallelism=cost.lanes,
            salt_len=_SALT_BYTES,
            hash_len=_TAG_BYTES,
        )
        self._core = core
        self._at_once = at_once or os.cpu_count() or 1
        self._open_shop()

    def hash(self, secret: str) -> str:
        """What to keep of *secret*, with a salt of its own."""
        turns = self._waited_for_a_turn()
        try:
            return self._library.hash(secret)
        except HashingError as error:
            raise MemoryError(str(error)) from error
        finally:
            turns.put(None)

    def verify(self, phc: str, secret: str) -> bool:
        """Whether *phc* was made of *secret*, at one cost whichever it is."""
        turns = self._waited_for_a_turn()
        try:
            if ours := _OURS.fullmatch(phc):
                memory, passes, salt, tag = ours.groups()
                made = self._core(secret.encode(), a2b_base64(salt + "=="), int(memory), int(passes))
                return compare_digest(made, a2b_base64(tag + "="))
            return self._library.verify(phc, secret)
        except VerifyMismatchError:
            return False
        except VerificationError as error:
            raise ValueError(str(error)) from error
        except SodiumError as error:
            raise MemoryError(str(error)) from error
        finally:
            turns.put(None)

    def _waited_for_a_turn(self) -> SimpleQueue[None]:
        if self._process != os.getpid():  # a fork: whoever had a turn there does not give it back here
            self._open_shop()
        turns = self._turns
        turns.get()
        return turns

    def _open_shop(self) -> None:
        turns: SimpleQueue[None] = SimpleQueue()  # a semaphore that is not written in Python
        for _ in range(self._at_once):
            turns.put(None)
        self._turns = turns
        self._process = os.getpid()
