"""What the published SIGMA files import and a machine may lack.

Whatever is installed is used. What a training step only names (logging, drawing, decoding, other optimisers) is stood in for by
names that refuse to be called, so that no stand-in can make a step cheaper unseen: whole modules where none is installed, single
names where the installed version has dropped them. The few small functions that a step does use are here in full: einops'
`rearrange` as it composes it, and timm's initialisation, pairs and registry.
"""
import ast
import importlib
import os
import sys
import types

import torch

# The files that a training step runs. What else of the checkout they import draws pictures, or is a loss that is not timed: it is
# stood in for as well, and brings none of what it would import in its turn.
PUBLISHED = ["engine_for_pretraining", "modeling_pretrain", "modeling_finetune", "attn_mask", "optim_factory", "utils"]


class NotInstalled(types.ModuleType):
    """A module whose every name can be imported, and none of them called."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return refusing(self.__name__, name)


def refusing(module, name):
    def refuse(*_, **__):
        raise RuntimeError(f"the published step calls {module}.{name}, which is not installed")

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


def stand_in_for_missing(code):
    """Puts a stand-in wherever an import of the published files in the folder `code` would fail; call it before they are loaded."""
    wanted = _wanted(code)
    # Every module before any stand-in: one for a whole module must not hide that its neighbour is installed.
    found = {module: _load(module) for module in wanted}
    for module, names in wanted.items():
        if not found[module]:
            stand_in = sys.modules[module] = NotInstalled(module)
            vars(stand_in).update(USED.get(module, {}))
            continue
        for name in names:
            if not hasattr(found[module], name) and not _load(f"{module}.{name}"):
                setattr(found[module], name, USED.get(module, {}).get(name) or refusing(module, name))


def _wanted(code):
    """What the published files import from elsewhere: modules, packages before their parts, and the names taken of each."""
    wanted = {}
    for file in PUBLISHED:
        with open(os.path.join(code, f"{file}.py")) as source:
            # Imports that may fail, inside of a try, are left to the files themselves.
            for statement in ast.parse(source.read()).body:
                if isinstance(statement, ast.Import):
                    for alias in statement.names:
                        wanted.setdefault(alias.name, set())
                elif isinstance(statement, ast.ImportFrom):
                    wanted.setdefault(statement.module, set()).update(alias.name for alias in statement.names)
    for module in list(wanted):
        for end in [at for at, letter in enumerate(module) if letter == "."]:
            wanted.setdefault(module[:end], set())
    return {module: wanted[module] for module in sorted(wanted) if module not in PUBLISHED}


def _load(name):
    try:
        return importlib.import_module(name)
    except Exception:  # whatever keeps it from loading
        return None
