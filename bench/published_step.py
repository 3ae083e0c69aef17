#!/usr/bin/env python3
"""Times the training step of a checkout of the published SIGMA code on made-up clips.

Its own `train_one_epoch` runs: targets, model, loss, optimiser and loss scaling under its autocast. Modules through which it
only logs or draws are stood in for where they are not installed. The first steps warm up and are not counted.
"""
import argparse
import importlib
import json
import statistics
import sys
import time
import types

import torch

WARM_UP = 3
# Imported by the published files, used by none of the code that a step runs.
STAND_INS = ["wandb", "info_nce", "visualize_masks", "tensorboardX", "deepspeed", "matplotlib", "matplotlib.pyplot", "decord", "cv2"]


class StandIn(types.ModuleType):
    """A module whose every name is there and does nothing."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *_, **__: None


def stand_in_for_missing():
    for name in STAND_INS:
        try:
            importlib.import_module(name)
        except Exception:  # whatever keeps it from loading
            sys.modules[name] = StandIn(name)
    try:
        import torch._six  # noqa: F401  (gone since PyTorch 2)
    except ImportError:
        sys.modules["torch._six"] = types.SimpleNamespace(inf=float("inf"), string_classes=(str, bytes))


class Clips:
    """A loader that hands out the same batch, and notes when it is asked for the next."""

    def __init__(self, batch, steps):
        self.clips = torch.randn(batch, 3, 16, 224, 224).pin_memory()
        cells = torch.rand(batch, 196).argsort(1) < 176
        self.mask = cells[:, None].expand(-1, 8, -1).reshape(batch, -1).contiguous()
        self.steps, self.asked = steps, []

    def __len__(self):
        return self.steps

    def __iter__(self):
        for _ in range(self.steps):
            self.asked.append(time.perf_counter())
            yield self.clips, self.mask
        torch.cuda.synchronize()
        self.asked.append(time.perf_counter())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--code", required=True)
    parser.add_argument("--model", choices=["vit-s", "vit-b", "vit-l", "vit-h"], default="vit-b")
    parser.add_argument("--target", choices=["mlp", "dino-v1"], default="dino-v1")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--json", required=True)
    options = parser.parse_args()

    stand_in_for_missing()
    sys.path.insert(0, options.code)
    import engine_for_pretraining as engine
    import modeling_pretrain as modeling
    import utils

    device = torch.device("cuda")
    size = {"vit-s": "small", "vit-b": "base", "vit-l": "large", "vit-h": "huge"}[options.model]
    teacher, width = None, 256
    if options.target == "dino-v1":
        import timm

        width = 768
        vit = timm.create_model("vit_base_patch16_224", pretrained=False)
        teacher = modeling.FeatureExtractor(vit, 224, 16).to(device).eval()
    build = getattr(modeling, f"pretrain_videomae_{size}_patch16_224")
    model = build(
        pretrained=False, decoder_depth=4, drop_path_rate=0.0, use_checkpoint=False, mask_type="tube", mask_ratio=0.9,
        target_type="mlp" if teacher is None else "dino_v1", decoder_num_classes=width, loss_func="SWAV", num_prototypes=3000,
        sinkhorn_iterations=10, eps=0.05, world_size=1,
    ).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, betas=(0.9, 0.95), weight_decay=0.05)
    for group in optimizer.param_groups:
        group["lr_scale"] = 1.0
    clips = Clips(options.batch, WARM_UP + options.steps)
    engine.train_one_epoch(
        model, teacher, clips, optimizer, device, 0, utils.NativeScalerWithGradNormCount(), max_norm=None, patch_size=16,
        mask_type="tube", target_type="mlp" if teacher is None else "dino_v1", normlize_target=True, log_writer=None,
        start_steps=0, lr_schedule_values=[1e-5] * len(clips), wd_schedule_values=None, loss_func="SWAV",
    )
    times = [later - earlier for earlier, later in zip(clips.asked[WARM_UP:], clips.asked[WARM_UP + 1:])]
    seconds = statistics.median(times)
    result = {
        "clipsPerSecond": options.batch / seconds, "secondsPerStep": seconds, "steps": len(times),
        "peakMemoryBytes": torch.cuda.max_memory_allocated(), "torch": torch.__version__,
    }
    with open(options.json, "w") as file:
        json.dump(result, file)
    print(f"the published code: {result['clipsPerSecond']:.1f} clips/s, {seconds * 1e3:.0f} ms a step")


if __name__ == "__main__":
    main()
