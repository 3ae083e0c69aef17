"""What the published SIGMA files import and a machine may lack.

Whatever is installed is used. Modules that a training step only names (logging, drawing, decoding, other optimisers) are stood
in for by names that refuse to be called, so that no stand-in can make a step cheaper unseen. The few small functions that a
step does use are here in full: einops' `rearrange` as it composes it, and timm's initialisation, pairs and registry.
"""
import importlib
import sys
import types

import torch

NAMED_ONLY = [
    "wandb", "info_nce", "visualize_masks", "tensorboardX", "deepspeed", "matplotlib", "matplotlib.pyplot", "decord", "cv2", "PIL",
    "timm", "timm.utils", "timm.models", "timm.models.vision_transformer", "timm.optim", "timm.optim.adafactor",
    "timm.optim.adahessian", "timm.optim.adamp", "timm.optim.lookahead", "timm.optim.nadam", "timm.optim.nvnovograd",
    "timm.optim.radam", "timm.optim.rmsprop_tf", "timm.optim.sgdp",
]


class NotInstalled(types.ModuleType):
    """A module whose every name can be imported, and none of them called."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*_, **__):
            raise RuntimeError(f"the published step calls {self.__name__}.{name}, and {self.__name__} is not installed")

        return refuse


def rearrange(tensor, pattern, **sizes):
    """einops' rearrange, for patterns of names and names in parentheses: reshape, permute, reshape."""
    left, right = ([axis.split() for axis in _axes(side)] for side in pattern.split("->"))
    for axis, length in zip(left, tensor.shape):
        known = 1
        for name in axis:
            known *= sizes.get(name, 1)
        sizes.update({name: length // known for name in axis if name not in sizes})
    names = [name for axis in left for name in axis]
    split = tensor.reshape([sizes[name] for name in names])
    order = split.permute([names.index(name) for axis in right for name in axis])
    shape = []
    for axis in right:
        shape.append(1)
        for name in axis:
            shape[-1] *= sizes[name]
    return order.reshape(shape)


def _axes(side):
    """'b (t h) c' as ['b', 't h', 'c']."""
    axes, inside = [], False
    for word in side.replace("(", " ( ").replace(")", " ) ").split():
        if word in "()":
            inside = word == "("
            if inside:
                axes.append("")
        elif inside:
            axes[-1] += f" {word}"
        else:
            axes.append(word)
    return axes


USED = {
    "einops": {"rearrange": rearrange},
    "timm.data.constants": {
        "IMAGENET_DEFAULT_MEAN": (0.485, 0.456, 0.406),
        "IMAGENET_DEFAULT_STD": (0.229, 0.224, 0.225),
    },
    "timm.models.layers": {
        "trunc_normal_": torch.nn.init.trunc_normal_,
        "to_2tuple": lambda x: x if isinstance(x, tuple) else (x, x),
    },
    "timm.models.registry": {"register_model": lambda build: build},
}


def stand_in_for_missing():
    """Puts a stand-in wherever an import would fail; call it before the published files are on the path."""
    # Those in use first: a whole module of names must not hide that the real one is there.
    missing = [name for name in [*USED, *NAMED_ONLY] if not _imports(name)]
    for name in missing:
        module = sys.modules[name] = NotInstalled(name)
        vars(module).update(USED.get(name, {}))


def _imports(name):
    try:
        importlib.import_module(name)
        return True
    except Exception:  # whatever keeps it from loading
        return False
