"""The loops over bytes and words, compiled: hashing, addresses, and the words of prompts to keys.

All keys are unsigned 64-bit; key 0 means absent.

Source of the shingles: Broder, "On the resemblance and containment of documents" (1997); eight words and the
bottom-8 sketch are explained in ADR 0015.
"""

from __future__ import annotations

import numba as nb
import numpy as np
import numpy.typing as npt

from stillwatch.fingerprint.table_rows import holds_table
from stillwatch.fingerprint.vectors import first_bit, no_sums, plus_row, sum_at
from stillwatch.fingerprint.words import FNV, NUMBER, room, split

U = np.uint64
MIX_A = U(0x9E3779B97F4A7C15)
MIX_B = U(0xBF58476D1CE4E5B9)
SEED = U(0xCBF29CE484222325)
LARGEST = U(0xFFFFFFFFFFFFFFFF)
PROBE_SHIFT = U(49)
WEIGHT_SHIFT = U(51)
SHINGLE_WORDS = 8
EDGE_WORDS = 6
ANCHORS = 8
LOOKED_AT = 2 * ANCHORS
"""About so many shingle keys of a text lie below the limit they are looked at up to, as keys are spread evenly; seldom too few."""
CAPABILITIES = 12


@nb.njit(cache=True, nogil=True, inline="always")
def mix(h: np.uint64) -> np.uint64:
    """Finalise a rolling state into a well-spread key (splitmix64)."""
    h = (h ^ (h >> U(30))) * MIX_B
    h = (h ^ (h >> U(27))) * MIX_A
    return h ^ (h >> U(31))


@nb.njit(cache=True, nogil=True)
def hash_strings(
    content: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32], out: npt.NDArray[np.uint64]
) -> None:
    """FNV-1a with a strong finaliser, one key per string; the empty string is absent.

    Each byte waits for the one before it, so that four strings together take hardly longer than one.
    """
    whole = len(out) // 4 * 4
    for i in range(0, whole, 4):
        a, b, c, d = U(offsets[i]), U(offsets[i + 1]), U(offsets[i + 2]), U(offsets[i + 3])
        shared = min(b - a, c - b, d - c, U(offsets[i + 4]) - d)
        first, second, third, fourth = SEED, SEED, SEED, SEED
        p = U(0)
        while p < shared:
            first = (first ^ U(content[a + p])) * FNV
            second = (second ^ U(content[b + p])) * FNV
            third = (third ^ U(content[c + p])) * FNV
            fourth = (fourth ^ U(content[d + p])) * FNV
            p += U(1)
        out[i] = _string_key(content, a, b, shared, first)
        out[i + 1] = _string_key(content, b, c, shared, second)
        out[i + 2] = _string_key(content, c, d, shared, third)
        out[i + 3] = _string_key(content, d, U(offsets[i + 4]), shared, fourth)
    for i in range(whole, len(out)):
        out[i] = _string_key(content, U(offsets[i]), U(offsets[i + 1]), U(0), SEED)


@nb.njit(cache=True, nogil=True, inline="always")
def _string_key(
    content: npt.NDArray[np.uint8], start: np.uint64, end: np.uint64, done: np.uint64, state: np.uint64
) -> np.uint64:
    """The key of a string whose state tells so many of its bytes already."""
    if start == end:
        return U(0)
    for p in range(start + done, end):
        state = (state ^ U(content[p])) * FNV
    return max(mix(state), U(1))


@nb.njit(cache=True, nogil=True)
def _parse_v4(content: npt.NDArray[np.uint8], start: int, end: int) -> int:
    value, part, digits, dots = 0, 0, 0, 0
    for p in range(start, end):
        c = content[p]
        if 48 <= c <= 57:
            if digits > 0 and part == 0:
                return -1
            part = part * 10 + (c - 48)
            digits += 1
            if part > 255:
                return -1
        elif c == 46 and digits > 0 and dots < 3:
            value = value * 256 + part
            part, digits = 0, 0
            dots += 1
        else:
            return -1
    if dots != 3 or digits == 0:
        return -1
    return value * 256 + part


@nb.njit(cache=True, nogil=True)
def _hex(c: int) -> int:
    if 48 <= c <= 57:
        return c - 48
    if 97 <= c <= 102:
        return c - 87
    if 65 <= c <= 70:
        return c - 55
    return -1


@nb.njit(cache=True, nogil=True)
def _colons(content: npt.NDArray[np.uint8], p: int, start: int, end: int) -> int:
    """Colons at p before the next group: 0 at the start, 1 between two groups, 2 for '::', or -1 where they cannot stand."""
    if content[p] != 58:
        return 0 if p == start else -1
    if p + 1 == end:
        return -1
    if content[p + 1] == 58:
        return -1 if p + 2 < end and content[p + 2] == 58 else 2
    return -1 if p == start else 1


@nb.njit(cache=True, nogil=True)
def _spread(groups: npt.NDArray[np.uint64], count: int, gap: int) -> bool:
    """Put the zeros that '::' stands for where they belong; whether eight groups come out."""
    if gap < 0 or count >= 8:
        return gap < 0 and count == 8
    left = count - gap
    for g in range(left):
        groups[7 - g] = groups[count - 1 - g]
    groups[gap : 8 - left] = U(0)
    return True


@nb.njit(cache=True, nogil=True)
def _parse_v6(content: npt.NDArray[np.uint8], start: int, end: int, groups: npt.NDArray[np.uint64]) -> bool:
    """Write the eight groups of an IPv6 address, whose last two may be written as IPv4; whether it is one."""
    count, gap, p = 0, -1, start
    while p < end:
        colons = _colons(content, p, start, end)
        if colons < 0 or (colons == 2 and gap >= 0):
            return False
        gap = count if colons == 2 else gap
        p += colons
        if p == end:
            break
        value, first = 0, p
        while p < end and p - first < 5 and _hex(content[p]) >= 0:
            value = value * 16 + _hex(content[p])
            p += 1
        v4 = _parse_v4(content, first, end) if p < end and content[p] == 46 else -1
        if count + (v4 >= 0) >= 8 or (v4 < 0 and not 0 < p - first < 5):
            return False
        groups[count] = U(v4 >> 16) if v4 >= 0 else U(value)
        count += 1
        if v4 >= 0:
            groups[count] = U(v4 & 0xFFFF)
            count += 1
            break
    return _spread(groups, count, gap)


@nb.njit(cache=True, nogil=True)
def _v4_within(groups: npt.NDArray[np.uint64]) -> int:
    """The IPv4 client that a server that speaks IPv6 writes as ::ffff:192.0.2.7, or -1."""
    for g in range(5):
        if groups[g] != U(0):
            return -1
    if groups[5] != U(0xFFFF):
        return -1
    return int(np.int64(groups[6] << U(16) | groups[7]))


@nb.njit(cache=True, nogil=True)
def parse_addresses(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    address: npt.NDArray[np.uint64],
    prefix: npt.NDArray[np.uint64],
) -> None:
    """Address and prefix keys: IPv4 with its /24, IPv6 with its /48; text that is neither is absent.

    IPv4 inside IPv6 (::ffff:192.0.2.7) is the IPv4 address.
    The keys can be read back: bit 62 marks IPv4 (low 32 bits are the address), bit 61 an IPv6 /48
    (low 48 bits), bit 63 the hash of a full IPv6 address.
    """
    groups = np.zeros(8, np.uint64)
    for i in range(len(offsets) - 1):
        address[i] = U(0)
        prefix[i] = U(0)
        start, end = offsets[i], offsets[i + 1]
        if end == start or end - start > 45:
            continue
        v4 = _parse_v4(content, start, end)
        if v4 < 0:
            if not _parse_v6(content, start, end, groups):
                continue
            v4 = _v4_within(groups)
        if v4 >= 0:
            address[i] = (U(1) << U(62)) | U(v4)
            prefix[i] = (U(1) << U(62)) | U(v4 & 0xFFFFFF00)
            continue
        h, head = SEED, U(0)
        for g in range(8):
            if g < 3:
                head = (head << U(16)) | groups[g]
            h = (h ^ groups[g]) * FNV
        address[i] = mix(h) | (U(1) << U(63))
        prefix[i] = head | (U(1) << U(61))


@nb.njit(cache=True, nogil=True)
def _look_up(
    words: npt.NDArray[np.uint64],
    probe_slot: npt.NDArray[np.uint16],
    probe_key: npt.NDArray[np.uint64],
    probe_bit: npt.NDArray[np.int64],
    weight: npt.NDArray[np.int8],
    about: npt.NDArray[np.int32],
) -> int:
    """Bits of the probes among the words and the pairs of neighbours; `about` gets the sums of their weights."""
    found, previous, sums = 0, U(0), no_sums()
    for word in words:
        for key in (word, word + U(3) * previous):
            spread = key * MIX_A
            z = U(probe_slot[spread >> PROBE_SHIFT])
            if z != U(0) and probe_key[z - U(1)] == key:
                found |= probe_bit[z - U(1)]
            sums = plus_row(sums, weight, spread >> WEIGHT_SHIFT)
        previous = word
    for number in range(CAPABILITIES):
        about[number] = sum_at(sums, U(number))
    return found


@nb.njit(cache=True, nogil=True)
def _in_order(words: npt.NDArray[np.uint64]) -> np.uint64:
    """One state of all words in their order, to be mixed."""
    h = SEED
    for word in words:
        h = (h ^ word) * FNV
        h = h ^ (h >> U(29))
    return h


@nb.njit(cache=True, nogil=True)
def _shingles(
    words: npt.NDArray[np.uint64], power: np.uint64, limit: np.uint64, keys: npt.NDArray[np.uint64]
) -> tuple[np.uint64, np.uint64]:
    """Write the keys of shingles below a limit; how many, and what `_in_order` gives of the words. `power` is MIX_B to the `SHINGLE_WORDS`.

    Two sums that each wait for themselves take no longer than one. Nothing branches on a key: it is written, and kept by
    counting it.
    """
    state, rolling, gone, i, count = SEED, U(0), U(0), U(0), U(0)
    while i < U(len(words)):
        state = (state ^ words[i]) * FNV
        state = state ^ (state >> U(29))
        rolling = rolling * MIX_B + (words[i] - gone * power)
        i += U(1)
        if i < U(SHINGLE_WORDS):
            continue
        gone = words[i - U(SHINGLE_WORDS)]
        key = (rolling ^ (rolling >> U(31))) * MIX_A
        key = (key ^ (key >> U(29))) * MIX_B
        keys[count] = key
        count += U(key < limit)
    return count, state


@nb.njit(cache=True, nogil=True)
def _smallest(keys: npt.NDArray[np.uint64], smallest: npt.NDArray[np.uint64]) -> bool:
    """Write the smallest distinct keys in order, padded with 0; whether there are as many as there is room for."""
    smallest[:] = LARGEST
    for key in keys:
        held = False
        for a in range(ANCHORS):
            held |= smallest[a] == key
        if held:
            continue
        for a in range(ANCHORS - 1, 0, -1):
            smallest[a] = min(smallest[a], max(smallest[a - 1], key))
        smallest[0] = min(smallest[0], key)
    is_full = smallest[ANCHORS - 1] != LARGEST
    for a in range(ANCHORS):
        if smallest[a] == LARGEST:
            smallest[a] = U(0)
    return bool(is_full)


@nb.njit(cache=True, nogil=True)
def _sketch(
    words: npt.NDArray[np.uint64],
    power: np.uint64,
    keys: npt.NDArray[np.uint64],
    smallest: npt.NDArray[np.uint64],
) -> np.uint64:
    """The smallest distinct shingle keys, of all where too few lie below the limit; gives one state of all words. `keys` is room for as many."""
    shingles = max(len(words) - SHINGLE_WORDS + 1, 0)
    limit = LARGEST // U(shingles) * U(LOOKED_AT) if shingles > LOOKED_AT else LARGEST
    count, state = _shingles(words, power, limit, keys)
    if not _smallest(keys[:count], smallest) and limit != LARGEST:
        count, state = _shingles(words, power, LARGEST, keys)
        _smallest(keys[:count], smallest)
    return state


@nb.njit(cache=True, nogil=True)
def text_keys(
    content: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int32],
    fold: npt.NDArray[np.uint8],
    probe_slot: npt.NDArray[np.uint16],
    probe_key: npt.NDArray[np.uint64],
    probe_bit: npt.NDArray[np.int64],
    table_bit: int,
    weight: npt.NDArray[np.int8],
    whole: npt.NDArray[np.uint64],
    head: npt.NDArray[np.uint64],
    tail: npt.NDArray[np.uint64],
    asks: npt.NDArray[np.int64],
    words: npt.NDArray[np.int32],
    script: npt.NDArray[np.int8],
    anchors: npt.NDArray[np.uint64],
    about: npt.NDArray[np.int32],
) -> None:
    """Each text to words, and the words to keys. `WIDTH` bytes after the last text can be looked at.

    whole: all words in order. head, tail: first and last `EDGE_WORDS` words. asks: bit set of keyword probes on
    words and word pairs, and `table_bit` if the text holds a table. script: 0 Latin or none, 1 Chinese-Japanese-Korean, 2 Cyrillic, by majority of
    characters. anchors: (rows, ANCHORS) smallest shingle keys, padded with 0.
    about: sums of the rows of `weight`, of `SUMS` numbers, at the places of all words and word pairs.
    """
    longest = 0
    for i in range(len(offsets) - 1):
        longest = max(longest, offsets[i + 1] - offsets[i])
    held, power, done = room(longest), U(1), 0
    for _ in range(SHINGLE_WORDS):
        power = power * MIX_B
    while done < len(offsets) - 1:
        some, wide, cyrillic = split(content, offsets[done:], fold, held)
        for text in range(some):
            i = done + text
            start, end = offsets[i], offsets[i + 1]
            mine = held.words[held.until[text] : held.until[text + 1]]
            count = len(mine)
            words[i] = count
            state = _sketch(mine, power, held.shingles, anchors[i])
            whole[i] = (mix(state) | U(1)) if count > 0 else U(0)
            if count >= EDGE_WORDS:
                head[i] = mix(_in_order(mine[:EDGE_WORDS])) | U(1)
                tail[i] = mix(_in_order(mine[count - EDGE_WORDS :])) & ~U(1) | U(2)
            asks[i] = _look_up(mine, probe_slot, probe_key, probe_bit, weight, about[i])
            if holds_table(content, start, end, mine, NUMBER):
                asks[i] |= table_bit
        done += some
        size = offsets[done] - offsets[done - 1]
        script[done - 1] = 1 if 6 * wide > size else (2 if 3 * cyrillic > size else 0)


@nb.njit(cache=True, nogil=True)
def name_capabilities(
    flags: npt.NDArray[np.int64],
    about: npt.NDArray[np.int32],
    words: npt.NDArray[np.int32],
    table: npt.NDArray[np.float32],
    scale: npt.NDArray[np.float32],
    start: npt.NDArray[np.float32],
    out: npt.NDArray[np.int8],
) -> None:
    """Position of the largest total per row, the first of equals; the last where a row has no word and no flag.

    A total is the start, the row of `table` of each bit set in `flags`, and the scaled sum over the root of the
    number of words.
    """
    total = np.zeros(CAPABILITIES, np.float32)
    for i in range(len(flags)):
        if words[i] == 0 and flags[i] == 0:
            out[i] = CAPABILITIES - 1
            continue
        share = np.float32(1.0) / np.sqrt(np.float32(max(words[i], 1)))
        for a in range(CAPABILITIES):
            total[a] = start[a] + scale[a] * np.float32(about[i, a]) * share
        rest = U(flags[i])
        while rest:
            bit = first_bit(rest)
            for a in range(CAPABILITIES):
                total[a] += table[bit, a]
            rest &= rest - U(1)
        best, most = 0, total[0]
        for a in range(1, CAPABILITIES):
            best = a if total[a] > most else best
            most = max(total[a], most)
        out[i] = best
