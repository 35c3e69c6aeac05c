"""The models of the experiment throughput (workloads.c in its folder) as the
library flowjax has them, compiled by jit; training is that of jax_worker.py."""
import importlib.metadata
import sys

import equinox as eqx
import jax
import jax.numpy as jnp
import paramax
from flowjax import flows
from flowjax.bijections import Affine
from flowjax.distributions import Normal

import jax_worker
from protocol import refuse, serve

LIBRARY = "flowjax"


class Model:
    """What is trained is what flowjax's own fit_to_data trains."""

    def __init__(self, flow):
        self.params, self.fixed = eqx.partition(
            flow, eqx.is_inexact_array,
            is_leaf=lambda v: isinstance(v, paramax.NonTrainable))

    def whole(self, params):
        return paramax.unwrap(eqx.combine(params, self.fixed))

    def log_prob(self, params, x):
        return self.whole(params).log_prob(x)

    def draw(self, params, z):
        return jax.vmap(self.whole(params).bijection.transform)(z)


def model_of(name, keys, real):
    def base(d):
        return paramax.non_trainable(Normal(jnp.zeros(d, real)))

    if name == "W1":
        return Model(flows.coupling_flow(
            keys(), base_dist=base(2), transformer=Affine(), flow_layers=8,
            nn_width=64, nn_depth=2))
    if name == "W2":
        return Model(flows.coupling_flow(
            keys(), base_dist=base(63), transformer=Affine(), flow_layers=10,
            nn_width=512, nn_depth=2))
    if name == "W2m":
        return Model(flows.masked_autoregressive_flow(
            keys(), base_dist=base(63), transformer=Affine(), flow_layers=10,
            nn_width=512, nn_depth=2))
    raise NotImplementedError("%s has no model like it" % LIBRARY)


def calls_of(name, library, threads, double, shapes):
    return jax_worker.calls_of(name, library, threads, double, shapes, model_of)


if len(sys.argv) < 3 or sys.argv[2] != LIBRARY:
    refuse("'%s' found, %s expected as the second"
           % (" ".join(sys.argv[1:]), LIBRARY))
serve(LIBRARY, importlib.metadata.version(LIBRARY), calls_of)
