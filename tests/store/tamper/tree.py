"""RFC 6962, written again: leaves, nodes, and the inner nodes that a store keeps. Nothing of a store."""

import hashlib

STORED_LEVELS = (8, 16, 24)


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """Leaf hashes one by one, the peaks they form, and the nodes a store keeps."""

    def __init__(self):
        self.size, self.peaks, self.nodes = 0, [], {}

    def add(self, leaf):
        self.size += 1
        self.peaks.append((0, leaf))
        while len(self.peaks) > 1 and self.peaks[-1][0] == self.peaks[-2][0]:
            (level, right), (_, left) = self.peaks.pop(), self.peaks.pop()
            joined = node_hash(left, right)
            self.peaks.append((level + 1, joined))
            if level + 1 in STORED_LEVELS:
                self.nodes[(level + 1, (self.size >> (level + 1)) - 1)] = joined

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        root = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            root = node_hash(left, root)
        return root
