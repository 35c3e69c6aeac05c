"""flowcon: the public transforms, and those of nflows that it carries."""
from flowcon import transforms
from flowcon.nn import nets
from flowcon.nn.nets.invertible_densenet import DenseNet
from flowcon.transforms.autoregressive.deep_sigmoid import (
    MaskedDeepSigmoidTransform)

from like_nflows import entries_of

LIBRARY, PACKAGE, FRAMEWORK = "flowcon", "flowcon", "torch"


def entries():
    return entries_of(transforms, nets, lambda d: DenseNet(dimension=d),
                      MaskedDeepSigmoidTransform)
