"""enflows: the public transforms, and those of nflows that it carries."""
from enflows import transforms
from enflows.nn import nets
from enflows.nn.nets.invertible_densenet import DenseNet
from enflows.transforms.autoregressive.deep_sigmoid import (
    MaskedDeepSigmoidTransform)

from like_nflows import entries_of

LIBRARY, PACKAGE, FRAMEWORK = "enflows", "enflows", "torch"


def entries():
    return entries_of(transforms, nets, lambda d: DenseNet(dimension=d),
                      MaskedDeepSigmoidTransform)
