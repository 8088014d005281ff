"""What DESIGN asks of a GPU, in one run of at most 150 seconds; without a GPU it says so in one line.

    python -m benchmarks.gpu [--tiny]       # --tiny: all rows on the CPU, with tiny models, to see that they run

Networks have random weights and real sizes: 512 pixels, Stable Diffusion 1.5, and a transformer as large as Z-Image's.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.gpu_bench import PROMPT, SECONDS, Bench, gradient
from benchmarks.gpu_models import z_image
from benchmarks.timing import write
from guidewidgets.engine import Engine
from guidewidgets.engine.model import blockwise

GIB = 2**30


def against_the_pipeline(bench: Bench) -> dict[str, Any]:
    """Time and memory of `render` as shares of the pipeline's own, for 1, 4 and 16 pictures."""
    found: dict[str, Any] = {}
    for n in (1, 4) if bench.tiny else (1, 4, 16):
        ours, theirs = (lambda n=n: bench.render(n)), (lambda n=n: bench.theirs(n))
        peaks = bench.peak(ours), bench.peak(theirs)
        difference = (ours() - theirs()).abs().max()
        found[f"{n} pictures"] = {
            "time": bench.ratio(ours, theirs, 4.0),
            "memory": round(peaks[0] / peaks[1], 3) if peaks[1] else None,
            "largest_difference": float(difference),
        }
    return found


def outside(bench: Bench) -> dict[str, Any]:
    """Share of `render` that the device does not spend in the networks."""
    parts = (bench.pipeline.unet, bench.pipeline.vae.decoder)
    marks: list[Any] = []

    def mark(*_: Any) -> None:
        if bench.device.type == "cuda":
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            marks.append(event)
        else:
            marks.append(time.perf_counter())

    handles = [part.register_forward_pre_hook(mark) for part in parts]
    handles += [part.register_forward_hook(mark) for part in parts]
    whole = bench.seconds(lambda: bench.render(4))
    for handle in handles:
        handle.remove()
    spans, cuda = zip(marks[::2], marks[1::2], strict=True), bench.device.type == "cuda"
    inside = sum(begin.elapsed_time(end) / 1000 if cuda else end - begin for begin, end in spans)
    return {"share": round(1 - inside / whole, 4), "seconds": round(whole, 3)}


def cached_memory(bench: Bench) -> dict[str, Any]:
    """Peak memory of a cached gradient through many steps as a share of that through few."""
    few, many = (1, 3) if bench.tiny else (5, 50)
    peaks = [bench.peak(lambda steps=steps: gradient(bench.engine, steps)) for steps in (few, many)]
    return {
        "steps": [few, many],
        "bytes": peaks,
        "ratio": round(peaks[1] / peaks[0], 4) if peaks[0] else None,
    }


def half_gradient(bench: Bench) -> dict[str, Any]:
    """Cosine of the gradients in half and in single precision."""
    wide = Engine.load(bench.pipeline, dtype="float32")
    narrow = Engine.load(bench.pipeline, dtype="float16")
    found = [gradient(engine, 2).double().flatten() for engine in (wide, narrow)]
    return {"cosine": round(float(torch.nn.functional.cosine_similarity(*found, dim=0)), 6)}


def autoencoder(bench: Bench) -> dict[str, Any]:
    """Time of decoding pictures together as a share of one by one, and how many at a time."""
    n = 4 if bench.tiny else 16
    z, rows = bench.engine.noise(n).to(bench.device), list[int]()
    handle = bench.pipeline.vae.decoder.register_forward_pre_hook(lambda _, given: rows.append(len(given[0])))
    with torch.no_grad():
        bench.engine.decode(z)
        handle.remove()
        ratio = bench.ratio(
            lambda: bench.engine.decode(z), lambda: [bench.engine.decode(one) for one in z.split(1)], 2.0
        )
    return {"pictures": n, "at_a_time": rows, "time": ratio}


def previews(bench: Bench) -> dict[str, Any]:
    """Time of `render` with a preview after every step as a share of that without."""
    engine = bench.engine
    engine.preview(engine.noise(1))  # which is fitted once
    shown = bench.ratio(
        lambda: bench.render(4, on_step=lambda step: engine.preview(step.denoised)),
        lambda: bench.render(4),
        3.0,
    )
    return {"time": shown}


def out_of_memory(bench: Bench) -> dict[str, Any]:
    """Whether work goes on where memory runs out for more than two rows at a time, at every stage."""
    unet, vae = bench.pipeline.unet, bench.pipeline.vae
    picture = torch.rand(4, 3, bench.engine.size[1], bench.engine.size[0], device=bench.device)

    def full(_module: Any, given: Any) -> None:
        if len(given[0]) > 2:
            raise torch.OutOfMemoryError

    def back() -> Tensor:
        x = bench.engine.noise(4).to(bench.device).requires_grad_()
        images = bench.engine.render(x, PROMPT, steps=1, gradient="cached")
        return torch.autograd.grad(images.sum(), x)[0]

    stages: dict[str, tuple[Callable[[], Any], Callable[[], Tensor]]] = {
        "network": (lambda: unet.conv_out.register_forward_pre_hook(full), lambda: bench.render(4, steps=1)),
        "network, back": (lambda: unet.conv_out.register_full_backward_pre_hook(full), back),
        "decoder": (
            lambda: vae.decoder.conv_out.register_forward_pre_hook(full),
            lambda: bench.render(4, steps=1),
        ),
        "decoder, back": (lambda: vae.decoder.conv_out.register_full_backward_pre_hook(full), back),
        "encoder": (
            lambda: vae.encoder.conv_in.register_forward_pre_hook(full),
            lambda: bench.engine.encode(picture),
        ),
    }
    found: dict[str, Any] = {}
    for stage, (limit, work) in stages.items():
        bench.engine = Engine.load(bench.pipeline)  # which has not learnt yet how little there is
        handle = limit()
        found[stage] = bool(torch.isfinite(work()).all())
        handle.remove()
    if bench.device.type == "cuda":
        bench.engine = Engine.load(bench.pipeline)
        peak = bench.peak(lambda: bench.render(16, steps=1))
        total = torch.cuda.get_device_properties(bench.device).total_memory
        torch.cuda.empty_cache()
        torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_allocated() + 0.5 * peak) / total)
        found["half of what 16 pictures took"] = bool(torch.isfinite(bench.render(16, steps=1)).all())
        torch.cuda.set_per_process_memory_fraction(1.0)
    bench.engine = Engine.load(bench.pipeline)
    return found


def six_billion(bench: Bench) -> dict[str, Any]:
    """Peak memory of the gradient of a picture's loss through 8 steps of a transformer as large as Z-Image's."""
    del bench.engine, bench.pipeline
    gc.collect()
    pipeline, count, saved = z_image(bench.device, bench.dtype, tiny=bench.tiny)
    engine = Engine.load(pipeline)
    engine.network.encoded(PROMPT)
    engine.network.encoded("")
    if bench.device.type == "cuda":
        pipeline.text_encoder.to("cpu")  # as `fit="auto"` does
    held = torch.cuda.memory_allocated() if bench.device.type == "cuda" else 0
    share, blockwise.SHARE = blockwise.SHARE, 0.0  # as where memory is short
    try:
        start = time.perf_counter()
        peak = bench.peak(lambda: gradient(engine, 2 if bench.tiny else 8, guidance=1.0))
        seconds = time.perf_counter() - start
    finally:
        blockwise.SHARE = share
    return {
        "parameters": count,
        "nf4": saved == 0,
        "seconds": round(seconds, 2),
        "beyond_weights_GiB": round(peak / GIB, 3),
        # Where bitsandbytes is not installed, its weights are half precision here, and told by arithmetic.
        "with_nf4_GiB": round((held - saved + peak) / GIB, 3),
    }


ROWS = {
    "render": against_the_pipeline,
    "outside_networks": outside,
    "cached_memory": cached_memory,
    "half_gradient": half_gradient,
    "autoencoder": autoencoder,
    "previews": previews,
    "out_of_memory": out_of_memory,
    "six_billion": six_billion,  # the last: it frees the other model
}
BUDGETS = {
    "render": "time ≤ 1.00, memory ≤ 1.0",
    "outside_networks": "share ≤ 0.02",
    "cached_memory": "ratio ≤ 1.01",
    "half_gradient": "cosine ≥ 0.999",
    "six_billion": "with_nf4_GiB ≤ 14.5",
}


def measure(*, tiny: bool) -> dict[str, Any]:
    """All rows for which there is time; a row that fails says why."""
    bench = Bench(tiny)
    name = "cpu" if tiny else torch.cuda.get_device_name()
    figures: dict[str, Any] = {"device": name, "tiny": tiny}
    for row, work in ROWS.items():
        if time.perf_counter() > bench.ends - (0 if tiny else 10):
            figures[row] = {"left_out": f"no time left of {SECONDS:g} s"}
            continue
        start = time.perf_counter()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of running out of memory, which is what is tried
                figures[row] = work(bench)
        except Exception as error:  # noqa: BLE001 - one row costs no other
            figures[row] = {"failed": f"{type(error).__name__}: {error}"}
        figures[row] |= {"row_seconds": round(time.perf_counter() - start, 2)}
        figures[row] |= {"budget": BUDGETS[row]} if row in BUDGETS else {}
    return figures


def main(arguments: list[str]) -> dict[str, Any]:
    """Measure, print, and keep what a GPU gave as benchmarks/results/gpu.json."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu")
    parser.add_argument("--tiny", action="store_true")
    tiny = bool(parser.parse_args(arguments).tiny)
    if not tiny and not torch.cuda.is_available():
        print("gpu: skipped, there is no GPU here (--tiny runs every row on the CPU)")
        return {}
    figures = measure(tiny=tiny)
    write("gpu-tiny" if tiny else "gpu", figures)
    return figures


if __name__ == "__main__":
    main(sys.argv[1:])
