"""What workers are begun with, and what is refused."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
import tiny
import torch
from diffusers import DiffusionPipeline, EulerDiscreteScheduler
from painting import alike, paint, pictures

from guidewidgets.engine import Engine
from guidewidgets.engine.workers import start
from guidewidgets.engine.workers.renderer import Local, Order

pytestmark = pytest.mark.skipif("not hasattr(__import__('os'), 'fork')", reason="needs fork")


def test_pipelines_that_can_be_loaded_again(folder, load, words, tmp_path):
    pipeline = DiffusionPipeline.from_pretrained(folder)
    pipeline.scheduler = EulerDiscreteScheduler.from_config(pipeline.scheduler.config)
    engine = load(1, pipeline)
    genomes = pictures(engine, 2)
    assert alike(paint(engine.renderer, genomes)[0], paint(Local(engine), genomes)[0])
    with torch.no_grad():
        pipeline.unet.conv_in.bias.add_(1)
    engine.refresh()
    with pytest.warns(UserWarning, match="the workers have revision .*: this process paints alone"):
        assert not engine.renderer.apart
    assert not engine.renderer.apart
    with pytest.raises(
        ValueError, match=r"what workers can load of .* save it as it is \(pipe\.save_pretrained"
    ):
        load(1, pipeline)
    with pytest.raises(
        ValueError, match=r"this StableDiffusionPipeline: nothing says where its files are\. Save it"
    ):
        load(1, tiny.stable_diffusion(words))


@pytest.mark.parametrize("workers", [0, -1, 65, 1.5, "two", True])
def test_numbers_that_are_none(folder, workers):
    with pytest.raises((ValueError, TypeError), match="workers"):
        Engine.load(folder, workers=workers)


@pytest.mark.parametrize("address", ["ray", "first:6379", "ray://first:10001"])
def test_ray_that_is_not_installed(folder, monkeypatch, address):
    monkeypatch.setitem(sys.modules, "ray", None)  # what makes importing it fail
    with pytest.raises(
        ValueError, match=rf"workers='{address}': Ray is not installed: pip install 'guidewidgets\[ray\]'$"
    ):
        Engine.load(folder, workers=address)


def test_no_more_workers_than_there_is_room_for(folder, monkeypatch):
    monkeypatch.setattr(start, "free_bytes", lambda device: 1800 << 20)
    with pytest.raises(
        ValueError, match=r"workers=3: each takes about 0\.7 GiB, and 1\.8 GiB of cpu are free: at most 2"
    ):
        Engine.load(folder, workers=3)


def test_a_file_that_is_damaged_is_told_of(folder, load, tmp_path, monkeypatch):
    """What workers read may have changed since this process read it."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    real = start._how

    def damage(*given):
        (copy / "unet" / "config.json").write_text("{")
        return real(*given)

    monkeypatch.setattr(start, "_how", damage)
    with pytest.raises(ValueError, match="cannot be opened"):
        load(1, copy)


def test_in_the_child_of_a_fork(load):
    engine = load(1)
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            next(engine.pool.render(pictures(engine, 1), Order()))
        except RuntimeError as error:
            os.write(write, str(error).encode())
        engine.pool.close()  # ends nobody
        os._exit(0)
    os.wait()
    assert (
        os.read(read, 1000) == b"workers belong to the process that started them: load the model again here"
    )
    for one in (read, write):
        os.close(one)
    paint(engine.renderer, pictures(engine, 1))
