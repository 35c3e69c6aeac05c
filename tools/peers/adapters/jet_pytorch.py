"""jet-pytorch: the Jet flow of images, on flat rows of height 4, width 4 and
three channels; forward gives patches."""
import torch
from jet_pytorch.jet import Jet

from modules import rows_of
from of_torch import TorchFlow, seeded
from protocol import Entry

LIBRARY, PACKAGE, FRAMEWORK = "jet-pytorch", "jet-pytorch", "torch"


def entry(name, **arguments):
    def build(d, dtype, seed):
        seeded(dtype, seed)
        m = Jet(patch_size=2, patch_dim=12, n_patches=4, img_dims=(4, 4),
                coupling_layers=4, block_depth=1, block_width=16, num_heads=2,
                **arguments)
        m.to(torch.get_default_dtype())
        m.eval()

        def forward(x):
            y, ld = m(x.reshape(-1, 4, 4, 3))
            return y.reshape(len(x), d), rows_of(ld, len(x), x)

        def inverse(y):
            x, ld = m.inverse(y.reshape(-1, 4, 12))
            return x.reshape(len(y), d), rows_of(ld, len(y), y)

        return TorchFlow(forward, inverse, module=m, dtype=dtype)
    return Entry("Jet" + name, build, dims=(48,))


def entries():
    yield entry("")
    yield entry("(coupling_types=('channels',))", coupling_types=("channels",))
    yield entry("(coupling_types=('spatial',))", coupling_types=("spatial",))
