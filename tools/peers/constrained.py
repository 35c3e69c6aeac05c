"""constrained.py: points of sets that are no box (Entry.points, Entry.inside).

    simplex(n, d, rng)          all coordinates of a point of the simplex but the
                                last; in_simplex(x) says whether they are
    matrices(k, size)           positive definite ones, by their entries below the
                                k-th diagonal: k = 0, or -1 where it is 1;
                                positive(k, size) says whether they are
"""
import numpy as np


def simplex(n, d, rng):
    e = np.exp(rng.normal(size=(n, d + 1)) / 2)
    return (e / e.sum(1, keepdims=True))[:, :d]


def in_simplex(x):
    return (x > 0).all(1) & (x.sum(1) < 1)


def matrices(k, size):
    rows, columns = np.tril_indices(size, k)

    def points(n, d, rng):
        a = np.eye(size) + rng.normal(size=(n, size, size)) / 4
        m = a @ a.transpose(0, 2, 1)
        s = np.sqrt(np.einsum("nii->ni", m))
        if k:
            m = m / (s[:, :, None] * s[:, None, :])
        return m[:, rows, columns]
    return points


def positive(k, size):
    rows, columns = np.tril_indices(size, k)

    def inside(x):
        m = np.zeros((len(x), size, size))
        m[:, rows, columns] = x
        m = m + np.tril(m, -1).transpose(0, 2, 1)
        if k:
            m += np.eye(size)
        return np.linalg.eigvalsh(m)[:, 0] > 0
    return inside
