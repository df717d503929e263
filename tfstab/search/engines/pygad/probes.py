"""The probes of preset "default": mutants of the parent, from which the sketch of the Jacobian is learnt."""

import numpy as np

PROBES = 45  # mutants of the parent in each generation
PROBE_LENGTH = 10.0  # L2 of a mutation in grey levels; 2 to 30 work equally well


def mutate(parents: np.ndarray, free: np.ndarray, rng: np.random.Generator) -> None:
    """Move every gene of the parents (B, G) that is free (G,) up or down by the same amount, with random signs."""
    count, genes = parents.shape
    step = np.float32(PROBE_LENGTH / np.sqrt(np.count_nonzero(free)))
    drawn = np.frombuffer(rng.bytes(count * -(-genes // 8)), np.uint8).reshape(count, -1)
    parents += np.unpackbits(drawn, axis=1, count=genes) * (2 * step * free)
    parents -= step * free
