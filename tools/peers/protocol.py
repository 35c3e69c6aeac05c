"""protocol.py: what an adapter hands over, and what is asked of it.

An adapter, adapters/NAME.py, is a module with

    LIBRARY   the library's name in the table
    PACKAGE   the distribution whose version the table states
    FRAMEWORK "torch", "jax" or "plain": the base environment
    entries() yields Entry objects, one for each bijection

A bijection is a public class, or a documented option of one that takes another
path through its code; dimension, precision and seed make no new one.

    Entry(name, build, ...)

name is how a user finds it: the public path, then options, as in
"transforms.AffineTransform(scale of shape (1,), event_dim=1)".  build(d, dtype,
seed) gives a Flow in d dimensions, fresh, by default arguments and small random
parameters where it has none of its own; dtype is "float32" or "float64".  A
library that asks for it (ActNorm's first batch, eval()) gets it in build.

A Flow speaks NumPy.  of_torch.py and of_jax.py make one of a framework's
functions; what a flow cannot do is None.

    forward(x)    (n, d) -> z (n, d), log |det dz/dx| (n,), natural logarithms
    inverse(z)    (n, d) -> x (n, d), log |det dx/dz| (n,); the latter None
                  where the library has none
    jacobian(x)   (n, d, d) by the framework's own derivative
    gradient(x)   (n, d) of log |det dz/dx| by x, likewise
    log_prob(x)   (n,) of a stock flow, over a base N(0, I)
    sample(n)     (n, d) draws of a stock flow
    moved(x)      the largest change of the caller's rows by one forward call,
                  and how many operations in place they saw
    parameters()  one flat copy (p,); assign(theta) puts one back; shapes()
    slope(x, u)   the derivative of mean log |det dz/dx| along u (p,)
    train(x, steps)  Adam on -mean log_prob, or -mean(log N(z) + log |det|)
    compiled()    the same flow through jit or torch.compile
    eager()       the same flow without

Direction.  forward is the library's own direction whose log-determinant it
documents, whatever it calls it: x -> z here may be latent to data.  A library
that states log-determinants a coordinate, or with the other sign, by its
documentation, has them summed or turned by the adapter: a convention is no
mistake.
"""
from dataclasses import dataclass, field
from typing import Callable, Optional


@dataclass
class Entry:
    name: str
    build: Callable
    # Dimensions it is tried in.  Of a map of single coordinates (1, 3).
    dims: tuple = (2, 5)
    precisions: tuple = ("float64", "float32")
    # Where x lives, in every coordinate: the line, ("box", a, b), or ("above",
    # a).  For another set: points(n, d, rng) -> x, and inside(x) -> (n,) bool.
    domain: tuple = ("line",)
    points: Optional[Callable] = None
    inside: Optional[Callable] = None
    # Whether forward is onto the whole space: the density N(z) |det| then holds
    # 1, and mass decides.
    onto: bool = True
    # Half-width of a box beyond which the documentation promises something
    # (tails of a spline): points about its edge are tried.
    box: Optional[float] = None
    # Of a stock flow: log_prob and draws are judged.
    stock: bool = False
    # Whether rounding, a step or an iteration is documented to leave errors:
    # {check: (size, words)}; up to size is no mistake, 1e9: of any size.
    documented: dict = field(default_factory=dict)
    # Trained for 200 steps; compiled; perturbed.  Not trained is what has no
    # parameters or shares its class with another that is, and what takes more
    # for 200 steps than a configuration has (worker.py: equations, fixed points,
    # quadratures); not perturbed, what takes its parameters from data.
    train: bool = True
    compile: bool = True
    perturb: bool = True
    # Scale of the noise added to each parameter by "perturbed".
    by: float = 1.0


class Flow:
    """All that may be asked; a subclass says what it can."""

    inverse = jacobian = gradient = log_prob = sample = None
    moved = parameters = assign = shapes = slope = train = compiled = None

    def forward(self, x):
        raise NotImplementedError

    def eager(self):
        return self
