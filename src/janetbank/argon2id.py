"""Argon2id: argon2-cffi's, computed in memory that is kept and lies in huge pages where the system has them.

An Argon2id walks 19 MiB at random.  In pages of 4 KiB that is 4,864 translations, which are faulted in, missed all the
way, and afterwards have pushed out everybody else's; in pages of 2 MiB it is ten.  So a verification takes a few per
cent less than the library's own, and what runs after it finds its translations where it left them.

The core is argon2-cffi's; ours is the memory it is given.  Where that cannot be had (another system than Linux, no huge
pages, a hardened kernel that allows no callbacks), or a hash was made at another cost, the library verifies as always.

Shape:  hashes are PHC strings (`$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`).
Units:  costs as in `policies.hashing`.
Errors: ValueError where a hash cannot be read.
Source: standards.md C14; RFC 9106; docs/decisions/0011.
"""

import mmap
import os
from binascii import a2b_base64
from collections.abc import Callable
from hmac import compare_digest
from queue import SimpleQueue
from typing import Any, cast

from argon2 import PasswordHasher, low_level
from argon2.exceptions import VerificationError, VerifyMismatchError
from argon2.low_level import Type, core, error_to_str, hash_secret_raw

from janetbank.policies.hashing import Argon2Cost

ffi = cast("Any", low_level.ffi)  # pyright: ignore[reportUnknownMemberType]  cffi makes it at run time, without types
_ID = cast("int", Type.ID.value)  # pyright: ignore[reportUnknownMemberType]  the same
_HUGE_PAGE = 2 << 20
_SECRET_BYTES, _SALT_BYTES, _TAG_BYTES = 64, 16, 32
_SALT_CHARACTERS, _TAG_CHARACTERS = 22, 43
_CLEAR_PASSWORD = 1  # ARGON2_FLAG_CLEAR_PASSWORD: the core wipes its copy; the memory it wipes in any case


class HugePages:
    """What one Argon2id of *cost* is computed in, one at a time.  Raises OSError where the system has no such memory.

    All of it is made once: next to an Argon2id nothing is in a cache, and what is made anew each time costs most.
    """

    def __init__(self, cost: Argon2Cost) -> None:
        size = cost.memory * 1024
        self._map = mmap.mmap(-1, size + _HUGE_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        self._map.madvise(mmap.MADV_HUGEPAGE)
        at = int(ffi.cast("uintptr_t", ffi.from_buffer(self._map)))
        start = ffi.cast("uint8_t *", -(-at // _HUGE_PAGE) * _HUGE_PAGE)

        def allocate(to: Any, wanted: int) -> int:  # noqa: ANN401  the core's pointer has no type in Python
            if wanted > size:
                return -1  # the core calls that a failed allocation
            to[0] = start
            return 0

        def free(_at: Any, _size: int) -> None:  # noqa: ANN401  the same
            """Keep it for the next."""

        # The context holds pointers, no references: all that they point to has to live as long.
        self._secret, self._salt, self._tag = (
            ffi.new("uint8_t[]", length) for length in (_SECRET_BYTES, _SALT_BYTES, _TAG_BYTES)
        )
        self._callbacks = (
            ffi.callback("int(uint8_t **, size_t)", allocate),
            ffi.callback("void(uint8_t *, size_t)", free),
        )
        self._context = ffi.new(
            "argon2_context *",
            {
                "out": self._tag,
                "outlen": _TAG_BYTES,
                "pwd": self._secret,
                "salt": self._salt,
                "saltlen": _SALT_BYTES,
                "t_cost": cost.passes,
                "m_cost": cost.memory,
                "lanes": cost.lanes,
                "threads": cost.lanes,
                "version": 0x13,
                "allocate_cbk": self._callbacks[0],
                "free_cbk": self._callbacks[1],
                "flags": _CLEAR_PASSWORD,
            },
        )

    def tag(self, secret: bytes, salt: bytes) -> bytes:
        """The Argon2id of *secret* (64 bytes) with *salt* (16 bytes); the memory is wiped by then."""
        ffi.memmove(self._secret, secret, _SECRET_BYTES)
        ffi.memmove(self._salt, salt, _SALT_BYTES)
        self._context.pwdlen = _SECRET_BYTES  # cleared with the secret
        failed = core(self._context, _ID)
        if failed:
            raise VerificationError(error_to_str(failed))
        return bytes(ffi.buffer(self._tag))


class Argon2id:
    """Makes and verifies hashes of one *cost*, and verifies those of any other.  Threads may share it.

    No more than *at_once* compute at one time, the others wait: more than there are cores would take each other's
    caches, and a crowd at the door would take all memory there is.
    """

    def __init__(
        self, cost: Argon2Cost, *, at_once: int | None = None, memory: Callable[[Argon2Cost], HugePages] = HugePages
    ) -> None:
        self._library = PasswordHasher(
            time_cost=cost.passes,
            memory_cost=cost.memory,
            parallelism=cost.lanes,
            salt_len=_SALT_BYTES,
            hash_len=_TAG_BYTES,
        )
        self._cost = cost
        self._memory = memory
        self._worthwhile = cost.memory * 1024 >= _HUGE_PAGE and _agrees_with_the_library(memory)
        self._head = f"$argon2id$v=19$m={cost.memory},t={cost.passes},p={cost.lanes}$"
        self._at_once = at_once or os.cpu_count() or 1
        self._open_shop()

    def hash(self, secret: str) -> str:
        """What to keep of *secret*, with a salt of its own."""
        turns = self._waited_for_a_turn()
        try:
            return self._library.hash(secret)
        finally:
            turns.put(None)

    def verify(self, phc: str, secret: str) -> bool:
        """Whether *phc* was made of *secret*, at one cost whichever it is."""
        turns = self._waited_for_a_turn()
        try:
            if self._worthwhile and len(secret) == _SECRET_BYTES and (split := self._split(phc)):
                memory = self._borrowed()
                if memory is not None:
                    made = memory.tag(secret.encode(), split[0])
                    self._spare.append(memory)
                    return compare_digest(made, split[1])
            return self._library.verify(phc, secret)
        except VerifyMismatchError:
            return False
        except VerificationError as error:
            raise ValueError(str(error)) from error
        finally:
            turns.put(None)

    def _split(self, phc: str) -> tuple[bytes, bytes] | None:
        """Salt and tag of a hash of our own cost, and None for any other, which the library will read."""
        head, middle = len(self._head), len(self._head) + _SALT_CHARACTERS
        if not phc.startswith(self._head) or len(phc) != middle + 1 + _TAG_CHARACTERS or phc[middle] != "$":
            return None
        salt, tag = a2b_base64(phc[head:middle] + "=="), a2b_base64(phc[middle + 1 :] + "=")
        return (salt, tag) if len(salt) == _SALT_BYTES and len(tag) == _TAG_BYTES else None

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
        self._spare: list[HugePages] = []  # the last one that was used is the next: it is the warmest
        self._process = os.getpid()

    def _borrowed(self) -> HugePages | None:
        """Memory that nobody else has, or None where there is none."""
        try:
            return self._spare.pop()
        except IndexError:
            pass
        try:
            return self._memory(self._cost)
        except OSError:
            return None


def _agrees_with_the_library(memory: Callable[[Argon2Cost], HugePages]) -> bool:
    """Whether the core, called as above, says what the library says: its context may change with any release of it."""
    secret, salt, cost = b"s" * _SECRET_BYTES, b"t" * _SALT_BYTES, Argon2Cost(memory=8, passes=1, lanes=1)
    try:
        tag = memory(cost).tag(secret, salt)
    except Exception:  # noqa: BLE001  whatever it is (no huge pages, no callbacks, another context), the library can do without
        return False
    return tag == hash_secret_raw(secret, salt, cost.passes, cost.memory, cost.lanes, _TAG_BYTES, Type.ID)
