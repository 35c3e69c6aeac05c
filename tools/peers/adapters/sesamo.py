"""sesamo: its RealNVP and the coupling of it; modulations are random and are no
bijections."""
import torch
from sesamo.models.realnvp import Coupling, RealNVP

from modules import module_entry

LIBRARY, PACKAGE, FRAMEWORK = "sesamo", "sesamo", "torch"


def entry(name, cls, **arguments):
    return module_entry(
        "models.realnvp." + name,
        lambda d: cls([d], dtype=torch.get_default_dtype(), **arguments),
        back="reverse", dims=(2, 4))


def entries():
    for mask in (0, 1):
        yield entry("Coupling(mask_config=%d)" % mask, Coupling,
                    mask_config=mask)
    for act in ("relu", "tanh", "leakyrelu"):
        yield entry("RealNVP(activation='%s')" % act, RealNVP, activation=act)
