#!/usr/bin/env python3
"""Times the training step of a checkout of the published SIGMA code on made-up clips.

Its own files run, untouched: `train_one_epoch` with its targets, model, loss, optimiser and loss scaling, under its autocast. On
the CPU that autocast and that scaling switch themselves off, as PyTorch has them do where there is no GPU: float32. The first
steps warm up and are not counted.
"""
import argparse
import contextlib
import io
import json
import os
import resource
import statistics
import sys
import time
import warnings

# Threads that wait must not keep a core from those that work. Our program sets the same for itself; both are read when PyTorch
# is loaded, and on two cores the published step is slower without.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "18")
try:
    import torch
except ImportError as failure:
    sys.exit(f"published_step.py: {sys.executable} cannot import PyTorch ({failure}): install it, or put a python3 that can first on the PATH")

import stand_ins
import vit

WARM_UP = {"cuda": 3, "cpu": 1}


class Clips:
    """A loader that hands out the same batch, and notes when it is asked for the next."""

    def __init__(self, batch, steps, device):
        self.clips = torch.randn(batch, 3, 16, 224, 224)
        if device.type == "cuda":
            self.clips = self.clips.pin_memory()
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


def refuse(reason):
    print(f"published_step.py: {reason}", file=sys.stderr)
    sys.exit(2)


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--code", required=True)
    parser.add_argument("--model", choices=["vit-s", "vit-b", "vit-l", "vit-h"], default="vit-b")
    parser.add_argument("--target", choices=["mlp", "dino-v1"], default="dino-v1")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--json", required=True)
    options = parser.parse_args()
    if not os.path.isfile(os.path.join(options.code, "engine_for_pretraining.py")):
        refuse(f"--code {options.code} holds no engine_for_pretraining.py; it should be a checkout of the published SIGMA code")
    if options.device == "cuda" and not torch.cuda.is_available():
        refuse(f"PyTorch {torch.__version__} of {sys.executable} sees no GPU; --device cpu goes without one")
    return options


def teacher_of(modeling, device):
    """The published teacher with weights of no training: timm's network where timm is, ours of the same arithmetic elsewhere."""
    import timm

    absent = isinstance(timm, stand_ins.NotInstalled)
    network = vit.VisionTransformer() if absent else timm.create_model("vit_base_patch16_224", pretrained=False)
    return modeling.FeatureExtractor(network, 224, 16).to(device).eval()


def time_steps(options, device):
    """The published training over made-up clips: when it asked for each batch, and for the one after the last."""
    import engine_for_pretraining as engine
    import modeling_pretrain as modeling
    import optim_factory
    import utils

    class Scaler(utils.NativeScalerWithGradNormCount):
        """Theirs; the training loop logs a scale, which one that is switched off does not have."""

        def state_dict(self):
            return super().state_dict() or {"scale": 1.0}

    torch.backends.cudnn.benchmark = True
    teacher = teacher_of(modeling, device) if options.target == "dino-v1" else None
    target = "dino_v1" if teacher else "mlp"
    size = {"vit-s": "small", "vit-b": "base", "vit-l": "large", "vit-h": "huge"}[options.model]
    model = getattr(modeling, f"pretrain_videomae_{size}_patch16_224")(
        pretrained=False, decoder_depth=4, drop_path_rate=0.0, use_checkpoint=False, mask_type="tube", mask_ratio=0.9,
        target_type=target, decoder_num_classes=768 if teacher else 256, loss_func="SWAV", num_prototypes=3000,
        sinkhorn_iterations=10, eps=0.05, world_size=1,
    ).to(device)
    settings = argparse.Namespace(opt="adamw", lr=1e-5, weight_decay=0.05, opt_eps=1e-8, opt_betas=[0.9, 0.95])
    optimizer = optim_factory.create_optimizer(settings, model)
    clips = Clips(options.batch, WARM_UP[device.type] + options.steps, device)
    engine.train_one_epoch(
        model, teacher, clips, optimizer, device, 0, Scaler(), max_norm=None, patch_size=16, mask_type="tube", target_type=target,
        normlize_target=True, log_writer=None, start_steps=0, lr_schedule_values=[1e-5] * len(clips),
        wd_schedule_values=[0.05] * len(clips), loss_func="SWAV",
    )
    return clips.asked


def main():
    options = parse()
    device = torch.device(options.device)
    if options.device == "cpu":
        # Debian's PyTorch begins with one thread.
        torch.set_num_threads(len(os.sched_getaffinity(0)))
        # The training loop waits for a GPU after each step, and PyTorch without CUDA refuses to.
        torch.cuda.synchronize = lambda *_: None
    stand_ins.stand_in_for_missing(options.code)
    sys.path.insert(0, options.code)
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asked = time_steps(options, device)[WARM_UP[options.device]:]
    except BaseException:
        print(said.getvalue()[-2000:], file=sys.stderr)  # why it stopped, where it says so
        raise
    times = [later - earlier for earlier, later in zip(asked, asked[1:])]
    seconds = statistics.median(times)
    if options.device == "cuda":
        peak = torch.cuda.max_memory_allocated()
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024  # of the whole process
    result = {
        "clipsPerSecond": options.batch / seconds, "secondsPerStep": seconds, "steps": len(times), "peakMemoryBytes": peak,
        "torch": torch.__version__,
    }
    with open(options.json, "w") as file:
        json.dump(result, file)
    print(f"the published code: {result['clipsPerSecond']:.3g} clips/s, {seconds * 1e3:.0f} ms a step")


if __name__ == "__main__":
    main()
