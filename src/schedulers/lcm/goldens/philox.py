"""Random numbers of streams, as promote.py needs them."""

MASK = 0xFFFFFFFF


def philox4x32(counter, key):
    """Philox4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3; SC 2011)."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        a = 0xD2511F53 * c0
        b = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & MASK, (a >> 32) ^ c3 ^ k1, a & MASK
        k0 = (k0 + 0x9E3779B9) & MASK
        k1 = (k1 + 0xBB67AE85) & MASK
    return c0, c1, c2, c3


def uniform(seed, stream):
    """The first double of the scheduler's random stream (purpose 3)."""
    third = (3 << 16) | ((stream >> 32) & 0xFFFF)
    words = philox4x32((0, stream & MASK, third, 0), (seed & MASK, seed >> 32))
    return ((words[0] >> 5) * 2.0**26 + (words[1] >> 6)) / 2.0**53
